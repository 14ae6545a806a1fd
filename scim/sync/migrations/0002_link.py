"""Links: what a connector's system is to hold of each resource, and what it was last given: `scim.sync.store.links`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# `wanted` grows with everything that asks for another look: whoever settles a link that was asked for meanwhile leaves
# it pending. `rank` lets users go before groups.
LINK = """
CREATE TABLE sync_link (
    tenant_id uuid NOT NULL,
    connector_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    rank smallint NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'pending',
    wanted bigint NOT NULL DEFAULT 1,
    remote_id text COLLATE "C",
    is_ours boolean NOT NULL DEFAULT false,
    applied_hash bytea,
    applied text,
    chosen text NOT NULL DEFAULT '{}',
    lease_token uuid,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL DEFAULT '',
    error_sig text COLLATE "C",
    is_approved boolean NOT NULL DEFAULT false,
    run_id uuid,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT sync_link_state_known CHECK (state IN (
        'pending', 'leased', 'applied', 'skipped', 'retry', 'failed', 'conflict', 'staged', 'deprovisioned')),
    CONSTRAINT sync_link_leased CHECK ((state = 'leased') = (lease_token IS NOT NULL)),
    CONSTRAINT sync_link_applied CHECK ((applied IS NULL) = (applied_hash IS NULL)),
    CONSTRAINT sync_link_failed CHECK ((state IN ('failed', 'conflict')) = (error_sig IS NOT NULL))
)
"""
INDEXES = (
    """
    CREATE INDEX sync_link_due ON sync_link (tenant_id, connector_id, rank, next_attempt_at)
    WHERE state IN ('pending', 'retry')
    """,
    "CREATE INDEX sync_link_leased_now ON sync_link (tenant_id, connector_id) WHERE state = 'leased'",
    """
    CREATE INDEX sync_link_troubled ON sync_link (tenant_id, connector_id, error_sig, resource_id)
    WHERE state IN ('failed', 'conflict')
    """,
    "CREATE INDEX sync_link_staged ON sync_link (tenant_id, connector_id, resource_id) WHERE state = 'staged'",
    "CREATE INDEX sync_link_of_run ON sync_link (tenant_id, run_id, state) WHERE run_id IS NOT NULL",
    """
    CREATE UNIQUE INDEX sync_link_remote_unique ON sync_link (tenant_id, connector_id, resource_type, remote_id)
    WHERE remote_id IS NOT NULL
    """,
    "CREATE INDEX sync_link_of_resource ON sync_link (tenant_id, resource_id)",
)
# Who is a member over there.
MEMBER = """
CREATE TABLE sync_link_member (
    tenant_id uuid NOT NULL,
    connector_id uuid NOT NULL,
    group_id uuid NOT NULL,
    member_id uuid NOT NULL
)
"""
OF_MEMBER = "CREATE INDEX sync_link_member_of ON sync_link_member (tenant_id, connector_id, member_id)"
# Whoever waits for somebody to be known over there.
WAIT = """
CREATE TABLE sync_wait (
    tenant_id uuid NOT NULL,
    connector_id uuid NOT NULL,
    needs_id uuid NOT NULL,
    waiting_id uuid NOT NULL
)
"""
LINK_KEY = ("tenant_id", "connector_id", "resource_id")
MEMBER_KEY = ("tenant_id", "connector_id", "group_id", "member_id")
WAIT_KEY = ("tenant_id", "connector_id", "needs_id", "waiting_id")


class Migration(migrations.Migration):
    """Creates sync_link, sync_link_member and sync_wait."""

    dependencies = [("sync", "0001_connector")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(LINK, "DROP TABLE sync_link"),
        TenantTable("sync_link", app="SELECT, INSERT, UPDATE, DELETE", key=LINK_KEY),
        CompositeForeignKey("sync_link", "connector_id", to="sync_connector", on_delete="CASCADE"),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        migrations.RunSQL(MEMBER, "DROP TABLE sync_link_member"),
        TenantTable("sync_link_member", app="SELECT, INSERT, DELETE", key=MEMBER_KEY),
        CompositeForeignKey("sync_link_member", "connector_id", to="sync_connector", on_delete="CASCADE"),
        migrations.RunSQL(OF_MEMBER, migrations.RunSQL.noop),
        migrations.RunSQL(WAIT, "DROP TABLE sync_wait"),
        TenantTable("sync_wait", app="SELECT, INSERT, DELETE", key=WAIT_KEY),
        CompositeForeignKey("sync_wait", "connector_id", to="sync_connector", on_delete="CASCADE"),
    ]
