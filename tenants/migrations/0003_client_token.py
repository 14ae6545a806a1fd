"""Tokens, and the two look-ups that must see all tenants: by look-up id, and by their end.

The functions belong to ln_lookup, which bypasses row-level security and may read this one table; owned by the table's
owner
they would see no row, since row-level security is forced.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

FIND = """
CREATE FUNCTION tenants_find_token(wanted text)
RETURNS TABLE (tenant_id uuid, token_id uuid, scim_client_id uuid, client_name text, digest bytea, pepper_id text,
               scopes text[], networks text[], ends_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT tenant_id, id, scim_client_id, client_name, digest, pepper_id, scopes, networks, least(expires_at,
    retires_at), revoked_at
    FROM tenants_client_token WHERE lookup_id = wanted
$$
"""
ENDING = """
CREATE FUNCTION tenants_ending_tokens(before timestamptz)
RETURNS TABLE (tenant_id uuid, token_id uuid, ends_at timestamptz, is_rotated boolean, warned_days smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id, id, least(expires_at, retires_at), retires_at IS NOT NULL, warned_days
    FROM tenants_client_token
    WHERE revoked_at IS NULL AND least(expires_at, retires_at) <= before
      AND (retires_at IS NOT NULL OR expires_at > clock_timestamp())
$$
"""


def _hand_to_lookup_role(signature: str) -> list[str]:
    return [
        "GRANT CREATE ON SCHEMA public TO ln_lookup",
        f"ALTER FUNCTION {signature} OWNER TO ln_lookup",
        "REVOKE CREATE ON SCHEMA public FROM ln_lookup",
        "SET LOCAL ROLE ln_lookup",
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {signature} TO ln_app, ln_platform",
        "SET LOCAL ROLE ln_owner",
    ]


class Migration(migrations.Migration):
    """Creates tenants_client_token and its look-up functions."""

    dependencies = [("tenants", "0002_scim_client")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="ClientToken",
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
                ("client_name", models.CharField(max_length=200)),
                ("lookup_id", models.CharField(max_length=12)),
                ("prefix", models.CharField(max_length=30)),
                ("digest", models.BinaryField()),
                ("pepper_id", models.CharField(max_length=40)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                (
                    "networks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), default=list, size=None
                    ),
                ),
                ("created_by", models.CharField(max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("retires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("warned_days", models.PositiveSmallIntegerField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("last_used_address", models.CharField(blank=True, default="", max_length=50)),
                ("last_used_agent", models.CharField(blank=True, default="", max_length=500)),
                (
                    "scim_client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tokens",
                        to="tenants.scimclient",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_client_token",
                "ordering": ("created_at", "id"),
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["tenant_id", "scim_client"], name="tenants_client_token_client"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("lookup_id",), name="tenants_client_token_lookup_id_unique")
                ],
            },
        ),
        TenantTable("tenants_client_token", app="SELECT, INSERT, UPDATE"),
        CompositeForeignKey("tenants_client_token", "scim_client_id", to="tenants_scim_client"),
        migrations.RunSQL("GRANT SELECT ON tenants_client_token TO ln_lookup", migrations.RunSQL.noop),
        migrations.RunSQL(
            [FIND, *_hand_to_lookup_role("tenants_find_token(text)")], "DROP FUNCTION tenants_find_token(text)"
        ),
        migrations.RunSQL(
            [ENDING, *_hand_to_lookup_role("tenants_ending_tokens(timestamptz)")],
            "DROP FUNCTION tenants_ending_tokens(timestamptz)",
        ),
    ]
