"""The User that `/Me` stands for, of a SCIM client and repeated by its tokens for the look-up."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

FIND = """
CREATE FUNCTION tenants_find_token(wanted text)
RETURNS TABLE (tenant_id uuid, token_id uuid, scim_client_id uuid, client_name text, digest bytea, pepper_id text,
               scopes text[], networks text[], ends_at timestamptz, revoked_at timestamptz, client_kind text,
               client_strict boolean, client_groups_enabled boolean, client_user_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT tenant_id, id, scim_client_id, client_name, digest, pepper_id, scopes, networks,
           least(expires_at, retires_at), revoked_at, client_kind, client_strict, client_groups_enabled,
           client_user_id
    FROM tenants_client_token WHERE lookup_id = wanted
$$
"""
FIND_BEFORE = """
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


class Migration(migrations.Migration):
    """Adds tenants_scim_client.user_id and tenants_client_token.client_user_id."""

    dependencies = [("tenants", "0005_rate_bucket")]

    operations = [
        lock_timeout(),
        migrations.AddField("scimclient", "user_id", models.UUIDField(null=True)),
        migrations.AddField("clienttoken", "client_user_id", models.UUIDField(null=True)),
        migrations.RunSQL([*_replace_function(FIND)], [*_replace_function(FIND_BEFORE)]),
    ]
