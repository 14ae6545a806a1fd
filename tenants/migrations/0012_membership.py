"""Memberships of operators and customers, and the look-ups that must see all tenants: where does this person belong?"""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# Where a person belongs is asked before a tenant is chosen.
FIND = """
CREATE FUNCTION tenants_find_{kind}_memberships(wanted uuid)
RETURNS TABLE (tenant_id uuid, role text, accepted_at timestamptz, needs_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id, role, accepted_at, coalesce({kind}s_need_factor, false)
    FROM tenants_{kind}_membership LEFT JOIN tenants_sign_in_policy USING (tenant_id) WHERE person_id = wanted
$$
"""


def _make_lookup(kind: str) -> migrations.RunSQL:
    signature = f"tenants_find_{kind}_memberships(uuid)"
    return migrations.RunSQL(
        [
            f"GRANT SELECT ON tenants_{kind}_membership TO ln_lookup",
            FIND.format(kind=kind),
            "GRANT CREATE ON SCHEMA public TO ln_lookup",
            f"ALTER FUNCTION {signature} OWNER TO ln_lookup",
            "REVOKE CREATE ON SCHEMA public FROM ln_lookup",
            "SET LOCAL ROLE ln_lookup",
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {signature} TO ln_app, ln_platform",
            "SET LOCAL ROLE ln_owner",
        ],
        f"DROP FUNCTION {signature}",
    )


class Migration(migrations.Migration):
    """Creates the tables of memberships, and the look-ups by person."""

    dependencies = [("tenants", "0011_sign_in_policy")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="CustomerMembership",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tenant_id",
                    models.UUIDField(default=labsninja.kernel.isolation.context.current_tenant, editable=False),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("viewer", "Viewer")], max_length=20
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tenants.customer",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_customer_membership",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["person"], name="tenants_customer_membership_of")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "person"), name="tenants_customer_membership_person_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "admin", "viewer"])),
                        name="tenants_customer_membership_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorMembership",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tenant_id",
                    models.UUIDField(default=labsninja.kernel.isolation.context.current_tenant, editable=False),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("viewer", "Viewer")], max_length=20
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tenants.operator",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_operator_membership",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["person"], name="tenants_operator_membership_of")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "person"), name="tenants_operator_membership_person_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "admin", "viewer"])),
                        name="tenants_operator_membership_role_known",
                    ),
                ],
            },
        ),
        TenantTable("tenants_customer_membership", app="SELECT, INSERT, UPDATE, DELETE"),
        TenantTable("tenants_operator_membership", app="SELECT, INSERT, UPDATE, DELETE"),
        _make_lookup("customer"),
        _make_lookup("operator"),
    ]
