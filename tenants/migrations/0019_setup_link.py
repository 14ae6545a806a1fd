"""Links to the set-up of a SCIM client, and the look-up that must see all tenants: whose link is this?

It tells the tenant of an id alone: what the link may do is read within that tenant.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

SIGNATURE = "tenants_find_setup_link(uuid)"
FIND = """
CREATE FUNCTION tenants_find_setup_link(wanted uuid)
RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT tenant_id FROM tenants_setup_link WHERE id = wanted
$$
"""


class Migration(migrations.Migration):
    """Creates tenants_setup_link and its look-up function."""

    dependencies = [("tenants", "0018_lifecycle")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="SetupLink",
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
                ("digest", models.BinaryField()),
                ("session_digest", models.BinaryField(null=True)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("created_by", models.CharField(max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("address", models.CharField(blank=True, default="", max_length=50)),
                ("user_agent", models.CharField(blank=True, default="", max_length=500)),
                ("token_id", models.UUIDField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "scim_client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="tenants.scimclient",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_setup_link",
                "ordering": ("-created_at", "-id"),
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "scim_client"], name="tenants_setup_link_client"),
                    models.Index(fields=["id"], name="tenants_setup_link_of"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("opened_at", None), ("session_digest", None))
                        | models.Q(("opened_at__isnull", False), ("session_digest__isnull", False)),
                        name="tenants_setup_link_opened_whole",
                    )
                ],
            },
        ),
        TenantTable("tenants_setup_link", app="SELECT, INSERT, UPDATE, DELETE"),
        CompositeForeignKey("tenants_setup_link", "scim_client_id", to="tenants_scim_client", on_delete="CASCADE"),
        migrations.RunSQL(
            [
                "GRANT SELECT ON tenants_setup_link TO ln_lookup",
                FIND,
                "GRANT CREATE ON SCHEMA public TO ln_lookup",
                f"ALTER FUNCTION {SIGNATURE} OWNER TO ln_lookup",
                "REVOKE CREATE ON SCHEMA public FROM ln_lookup",
                "SET LOCAL ROLE ln_lookup",
                f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO ln_app, ln_platform",
                "SET LOCAL ROLE ln_owner",
            ],
            f"DROP FUNCTION {SIGNATURE}",
        ),
    ]
