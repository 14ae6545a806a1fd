"""How far the index of an attribute is that a tenant asked for: `scim.store.attribute_indexes` writes it.

The function tells the ledger which tenants wait, and nothing else. It belongs to ln_lookup, which row-level security
lets through.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# `position` is the last resource looked at. `obstacles` counts the resources whose value another one has, and
# `examples` names some of them with that other one: what a restart needs to go on exactly.
CREATE = """
CREATE TABLE scim_attribute_index (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    position uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    seen bigint NOT NULL DEFAULT 0,
    obstacles bigint NOT NULL DEFAULT 0,
    examples text NOT NULL DEFAULT '[]',
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT scim_attribute_index_state_known CHECK (state IN ('building', 'ready', 'failed')),
    CONSTRAINT scim_attribute_index_end_told CHECK ((state = 'building') = (ended_at IS NULL)),
    CONSTRAINT scim_attribute_index_failure_counted CHECK (state <> 'failed' OR obstacles > 0)
)
"""
WAITING = "CREATE INDEX scim_attribute_index_waiting ON scim_attribute_index (tenant_id) WHERE state = 'building'"
SIGNATURE = "scim_tenants_with_indexes_to_build()"
FUNCTION = """
CREATE FUNCTION scim_tenants_with_indexes_to_build() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT tenant_id FROM scim_attribute_index WHERE state = 'building'
$$
"""


class Migration(migrations.Migration):
    """Creates scim_attribute_index and the function that finds what waits in it."""

    dependencies = [("scim", "0016_drop_request_log")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_attribute_index"),
        TenantTable(
            "scim_attribute_index", app="SELECT, INSERT, UPDATE, DELETE", key=("tenant_id", "resource_type", "path")
        ),
        migrations.RunSQL(WAITING, "DROP INDEX scim_attribute_index_waiting"),
        migrations.RunSQL("GRANT SELECT ON scim_attribute_index TO ln_lookup", migrations.RunSQL.noop),
        migrations.RunSQL(
            [
                FUNCTION,
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
