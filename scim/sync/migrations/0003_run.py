"""Runs, what each plans to do, and what became of every resource: `scim.sync.store.runs`, `plans` and `items`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# `cursor` is the last resource that was planned. The counters are of the plan; how much is done is counted in links.
RUN = """
CREATE TABLE sync_run (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connector_id uuid NOT NULL,
    mode text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'queued',
    phase text COLLATE "C" NOT NULL DEFAULT '',
    cursor uuid,
    seen integer NOT NULL DEFAULT 0,
    counts text NOT NULL DEFAULT '{}',
    done integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    plan_hash bytea,
    cause text NOT NULL DEFAULT '',
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    started_at timestamptz,
    planned_at timestamptz,
    ended_at timestamptz,
    lease_token uuid,
    lease_until timestamptz,
    rung_at timestamptz,
    CONSTRAINT sync_run_mode_known CHECK (mode IN ('full', 'dry_run')),
    CONSTRAINT sync_run_state_known CHECK (state IN (
        'queued', 'planning', 'planned', 'awaiting_approval', 'running', 'paused', 'succeeded', 'partial', 'failed',
        'canceled')),
    CONSTRAINT sync_run_ended CHECK (
        (state IN ('planned', 'succeeded', 'partial', 'failed', 'canceled')) = (ended_at IS NOT NULL)),
    CONSTRAINT sync_run_leased CHECK ((lease_token IS NULL) = (lease_until IS NULL))
)
"""
# Of each connector one at a time.
ONE = """
CREATE UNIQUE INDEX sync_run_one ON sync_run (tenant_id, connector_id)
WHERE state IN ('queued', 'planning', 'awaiting_approval', 'running', 'paused')
"""
LISTED = "CREATE INDEX sync_run_listed ON sync_run (tenant_id, connector_id, requested_at, id)"
PLAN_ITEM = """
CREATE TABLE sync_plan_item (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    name text NOT NULL,
    reason text NOT NULL DEFAULT '',
    changes text NOT NULL DEFAULT '[]',
    CONSTRAINT sync_plan_item_action_known
        CHECK (action IN ('create', 'update', 'deactivate', 'delete', 'skip', 'fail'))
)
"""
BY_ACTION = "CREATE INDEX sync_plan_item_listed ON sync_plan_item (tenant_id, run_id, action, resource_id)"
# One look at one resource that led to a call, or to something that a person wants to know.
ITEM = """
CREATE TABLE sync_item (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connector_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    run_id uuid,
    at timestamptz NOT NULL,
    action text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    attempt integer NOT NULL,
    milliseconds integer NOT NULL,
    told text NOT NULL DEFAULT '',
    steps text NOT NULL DEFAULT '[]',
    changes text NOT NULL DEFAULT '[]',
    exchange text NOT NULL DEFAULT '{}',
    CONSTRAINT sync_item_outcome_known
        CHECK (outcome IN ('done', 'skipped', 'retry', 'failed', 'conflict', 'staged'))
)
"""
ITEM_INDEXES = (
    "CREATE INDEX sync_item_of_resource ON sync_item (tenant_id, resource_id, id)",
    "CREATE INDEX sync_item_of_connector ON sync_item (tenant_id, connector_id, id)",
    "CREATE INDEX sync_item_of_run ON sync_item (tenant_id, run_id, id) WHERE run_id IS NOT NULL",
    """
    CREATE INDEX sync_item_left ON sync_item (tenant_id, connector_id, at)
    WHERE action IN ('deactivate', 'delete') AND outcome = 'done'
    """,
)


class Migration(migrations.Migration):
    """Creates sync_run, sync_plan_item and sync_item."""

    dependencies = [("sync", "0002_link")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(RUN, "DROP TABLE sync_run"),
        TenantTable("sync_run", app="SELECT, INSERT, UPDATE, DELETE"),
        CompositeForeignKey("sync_run", "connector_id", to="sync_connector", on_delete="CASCADE"),
        migrations.RunSQL([ONE, LISTED], migrations.RunSQL.noop),
        migrations.RunSQL(PLAN_ITEM, "DROP TABLE sync_plan_item"),
        TenantTable("sync_plan_item", app="SELECT, INSERT, DELETE", key=("tenant_id", "run_id", "resource_id")),
        CompositeForeignKey("sync_plan_item", "run_id", to="sync_run", on_delete="CASCADE"),
        migrations.RunSQL(BY_ACTION, migrations.RunSQL.noop),
        migrations.RunSQL(ITEM, "DROP TABLE sync_item"),
        TenantTable("sync_item", app="SELECT, INSERT, DELETE"),
        CompositeForeignKey("sync_item", "connector_id", to="sync_connector", on_delete="CASCADE"),
        migrations.RunSQL(ITEM_INDEXES, migrations.RunSQL.noop),
    ]
