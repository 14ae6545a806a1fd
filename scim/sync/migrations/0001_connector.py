"""Connectors and the mappings of each: `scim.sync.store.connectors` and `mappings`. Tenant tables without models."""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# `position` is the feed's number up to which the connector's links know what is new; `lease_*` belong to the worker
# that drains it. Documents are JSON text. `failures` counts in a row what `probe_at` waits longer for.
CONNECTOR = """
CREATE TABLE sync_connector (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'draft',
    settings text NOT NULL,
    secret bytea,
    profile text NOT NULL DEFAULT '{}',
    bucket text NOT NULL DEFAULT '{}',
    breaker text NOT NULL DEFAULT '{}',
    position bigint NOT NULL DEFAULT 0,
    cause text NOT NULL DEFAULT '',
    failures integer NOT NULL DEFAULT 0,
    probe_at timestamptz,
    due_at timestamptz,
    rung_at timestamptz,
    lease_token uuid,
    lease_until timestamptz,
    succeeded_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT sync_connector_kind_known CHECK (kind IN ('scim', 'webhook')),
    CONSTRAINT sync_connector_state_known
        CHECK (state IN ('draft', 'active', 'paused', 'quarantined', 'disabled')),
    CONSTRAINT sync_connector_probed CHECK ((state = 'quarantined') = (probe_at IS NOT NULL)),
    CONSTRAINT sync_connector_leased CHECK ((lease_token IS NULL) = (lease_until IS NULL))
)
"""
NAMED = "CREATE UNIQUE INDEX sync_connector_name_unique ON sync_connector (tenant_id, lower(name))"
# One draft and one that is in force of each type; the others are the history.
MAPPING = """
CREATE TABLE sync_mapping (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connector_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    status text COLLATE "C" NOT NULL,
    rows text NOT NULL,
    scope text NOT NULL DEFAULT '',
    comment text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    published_at timestamptz,
    CONSTRAINT sync_mapping_status_known CHECK (status IN ('draft', 'active', 'retired')),
    CONSTRAINT sync_mapping_version_counted CHECK (version >= 1),
    CONSTRAINT sync_mapping_published CHECK ((status = 'draft') = (published_at IS NULL))
)
"""
ONE_EACH = """
CREATE UNIQUE INDEX sync_mapping_one_each ON sync_mapping (tenant_id, connector_id, resource_type, status)
WHERE status IN ('draft', 'active')
"""
VERSIONS = """
CREATE UNIQUE INDEX sync_mapping_version_unique ON sync_mapping (tenant_id, connector_id, resource_type, version)
"""


class Migration(migrations.Migration):
    """Creates sync_connector and sync_mapping."""

    initial = True
    dependencies = [("scim", "0025_alert")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CONNECTOR, "DROP TABLE sync_connector"),
        TenantTable("sync_connector", app="SELECT, INSERT, UPDATE, DELETE"),
        migrations.RunSQL(MAPPING, "DROP TABLE sync_mapping"),
        TenantTable("sync_mapping", app="SELECT, INSERT, UPDATE, DELETE"),
        CompositeForeignKey("sync_mapping", "connector_id", to="sync_connector", on_delete="CASCADE"),
        migrations.RunSQL([NAMED, ONE_EACH, VERSIONS], migrations.RunSQL.noop),
    ]
