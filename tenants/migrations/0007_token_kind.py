"""Client secrets and the access tokens that are issued for them (ADR 0013), in the table of tokens.

The look-up of a token tells the earlier end of its own and its issuer's: an access token never outlives its secret.
Ending tokens are told without access tokens, of whose end nobody needs a warning. What has ended long ago is deleted by
the platform, which asks first in whose tenants there is any.
"""

import django.db.models.deletion
from django.db import migrations, models

from labsninja.kernel.isolation.rls import CompositeForeignKey, lock_timeout

KINDS = [("bearer", "Bearer token"), ("secret", "Client secret"), ("access", "Access token")]
FIND = """
CREATE FUNCTION tenants_find_token(wanted text)
RETURNS TABLE (tenant_id uuid, token_id uuid, scim_client_id uuid, client_name text, digest bytea, pepper_id text,
               scopes text[], networks text[], ends_at timestamptz, revoked_at timestamptz, client_kind text,
               client_strict boolean, client_groups_enabled boolean, client_user_id uuid, issuer_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT t.tenant_id, t.id, t.scim_client_id, t.client_name, t.digest, t.pepper_id, t.scopes, t.networks,
           least(t.expires_at, t.retires_at, i.expires_at, i.retires_at), least(t.revoked_at, i.revoked_at),
           t.client_kind, t.client_strict, t.client_groups_enabled, t.client_user_id, t.issuer_id
    FROM tenants_client_token t
    LEFT JOIN tenants_client_token i ON i.tenant_id = t.tenant_id AND i.id = t.issuer_id
    WHERE t.lookup_id = wanted
$$
"""
FIND_BEFORE = """
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
ENDING = """
CREATE OR REPLACE FUNCTION tenants_ending_tokens(before timestamptz)
RETURNS TABLE (tenant_id uuid, token_id uuid, ends_at timestamptz, is_rotated boolean, warned_days smallint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tenant_id, id, least(expires_at, retires_at), retires_at IS NOT NULL, warned_days
    FROM tenants_client_token
    WHERE {which}revoked_at IS NULL AND least(expires_at, retires_at) <= before
      AND (retires_at IS NOT NULL OR expires_at > clock_timestamp())
$$
"""
ENDED = """
CREATE FUNCTION tenants_ended_access_tokens(before timestamptz) RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT tenant_id FROM tenants_client_token WHERE kind = 'access' AND expires_at < before
$$
"""


def _as_lookup_role(*statements: str) -> list[str]:
    """A function is replaced by its owner, who needs leave to create for that moment."""
    return [
        "GRANT CREATE ON SCHEMA public TO ln_lookup",
        "SET LOCAL ROLE ln_lookup",
        *statements,
        "SET LOCAL ROLE ln_owner",
        "REVOKE CREATE ON SCHEMA public FROM ln_lookup",
    ]


def _make(function: str, signature: str) -> list[str]:
    return [
        function,
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {signature} TO ln_app, ln_platform",
    ]


def _replace_find(function: str) -> list[str]:
    signature = "tenants_find_token(text)"
    return _as_lookup_role(f"DROP FUNCTION {signature}", *_make(function, signature))


class Migration(migrations.Migration):
    """Adds tenants_client_token.kind and .issuer_id."""

    dependencies = [("tenants", "0006_bound_user")]

    operations = [
        lock_timeout(),
        migrations.AddField(
            "clienttoken",
            "kind",
            models.CharField(choices=KINDS, db_default="bearer", default="bearer", max_length=20),
        ),
        migrations.AddField(
            "clienttoken",
            "issuer",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                to="tenants.clienttoken",
            ),
        ),
        CompositeForeignKey("tenants_client_token", "issuer_id", to="tenants_client_token"),
        migrations.AddConstraint(
            "clienttoken",
            models.CheckConstraint(
                condition=models.Q(kind__in=["bearer", "secret", "access"]), name="tenants_client_token_kind_known"
            ),
        ),
        migrations.AddConstraint(
            "clienttoken",
            models.CheckConstraint(
                condition=models.Q(kind="access", issuer__isnull=False)
                | (~models.Q(kind="access") & models.Q(issuer__isnull=True)),
                name="tenants_client_token_issuer_of_access",
            ),
        ),
        migrations.AddIndex(
            "clienttoken",
            models.Index(
                condition=models.Q(issuer__isnull=False),
                fields=["tenant_id", "issuer"],
                name="tenants_client_token_issuer",
            ),
        ),
        migrations.RunSQL([*_replace_find(FIND)], [*_replace_find(FIND_BEFORE)]),
        migrations.RunSQL(
            [*_as_lookup_role(ENDING.format(which="kind <> 'access' AND "))],
            [*_as_lookup_role(ENDING.format(which=""))],
        ),
        migrations.RunSQL(
            [*_as_lookup_role(*_make(ENDED, "tenants_ended_access_tokens(timestamptz)"))],
            [*_as_lookup_role("DROP FUNCTION tenants_ended_access_tokens(timestamptz)")],
        ),
    ]
