"""What a tenant and a SCIM client may choose, and the look-up of a token that tells it.

The look-up role may read tokens alone, so a token repeats what its SCIM client chose. Tenants are a global table.
"""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

FIND = """
CREATE FUNCTION tenants_find_token(wanted text)
RETURNS TABLE (tenant_id uuid, token_id uuid, scim_client_id uuid, client_name text, digest bytea, pepper_id text,
               scopes text[], networks text[], ends_at timestamptz, revoked_at timestamptz, client_kind text,
               client_strict boolean, client_groups_enabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT tenant_id, id, scim_client_id, client_name, digest, pepper_id, scopes, networks,
           least(expires_at, retires_at), revoked_at, client_kind, client_strict, client_groups_enabled
    FROM tenants_client_token WHERE lookup_id = wanted
$$
"""
FIND_BEFORE = """
CREATE FUNCTION tenants_find_token(wanted text)
RETURNS TABLE (tenant_id uuid, token_id uuid, scim_client_id uuid, client_name text, digest bytea, pepper_id text,
               scopes text[], networks text[], ends_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT tenant_id, id, scim_client_id, client_name, digest, pepper_id, scopes, networks,
           least(expires_at, retires_at), revoked_at
    FROM tenants_client_token WHERE lookup_id = wanted
$$
"""
# The owner, too, sees one tenant at a time.
COPY_KINDS = """
DO $$
DECLARE
    tenant uuid;
BEGIN
    FOR tenant IN SELECT id FROM tenants_tenant LOOP
        PERFORM set_config('app.tenant_id', tenant::text, true);
        UPDATE tenants_client_token t SET client_kind = c.kind
        FROM tenants_scim_client c
        WHERE t.tenant_id = tenant AND c.tenant_id = tenant AND c.id = t.scim_client_id;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$
"""


def _replace_function(made: str) -> list[str]:
    signature = "tenants_find_token(text)"
    return [
        f"DROP FUNCTION {signature}",
        made,
        "GRANT CREATE ON SCHEMA public TO ln_lookup",
        f"ALTER FUNCTION {signature} OWNER TO ln_lookup",
        "REVOKE CREATE ON SCHEMA public FROM ln_lookup",
        "SET LOCAL ROLE ln_lookup",
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {signature} TO ln_app, ln_platform",
        "SET LOCAL ROLE ln_owner",
    ]


def _switch(model: str, name: str, *, on: bool) -> migrations.AddField:
    return migrations.AddField(model, name, models.BooleanField(default=on, db_default=on))


class Migration(migrations.Migration):
    """Adds options to tenants_tenant, tenants_scim_client and tenants_client_token."""

    dependencies = [("tenants", "0003_client_token")]

    operations = [
        lock_timeout(),
        _switch("tenant", "unique_group_names", on=True),
        _switch("tenant", "keep_members", on=False),
        _switch("tenant", "strict_members", on=False),
        _switch("tenant", "revive_deleted", on=False),
        _switch("scimclient", "strict", on=False),
        _switch("scimclient", "groups_enabled", on=True),
        migrations.AddField(
            "clienttoken", "client_kind", models.CharField(max_length=20, default="custom", db_default="custom")
        ),
        _switch("clienttoken", "client_strict", on=False),
        _switch("clienttoken", "client_groups_enabled", on=True),
        migrations.RunSQL(COPY_KINDS, migrations.RunSQL.noop),
        migrations.RunSQL([*_replace_function(FIND)], [*_replace_function(FIND_BEFORE)]),
    ]
