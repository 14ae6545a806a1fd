"""Who left and is held back from connectors, tenant tables without a model: `scim.store.departures`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# Departures are counted by the minute; the row of scim_breaker is what writers of a tenant that count wait for.
BREAKER = """
CREATE TABLE scim_breaker (
    tenant_id uuid NOT NULL,
    active bigint,
    counted_at timestamptz,
    CONSTRAINT scim_breaker_active_counted CHECK (active >= 0)
)
"""
DEPARTURE = """
CREATE TABLE scim_departure (
    tenant_id uuid NOT NULL,
    minute timestamptz NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT scim_departure_number_counted CHECK (number >= 0)
)
"""
HOLD = """
CREATE TABLE scim_hold (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    resource_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    was_active boolean NOT NULL,
    scim_client_id uuid,
    request_id text NOT NULL,
    held_at timestamptz NOT NULL,
    told_at timestamptz,
    state text COLLATE "C" NOT NULL DEFAULT 'held',
    settled_at timestamptz,
    settled_by text,
    CONSTRAINT scim_hold_kind_known CHECK (kind IN ('deactivation', 'deletion')),
    CONSTRAINT scim_hold_state_known CHECK (state IN ('held', 'released', 'undone')),
    CONSTRAINT scim_hold_settled CHECK ((state = 'held') = (settled_at IS NULL))
)
"""
OPEN = "CREATE UNIQUE INDEX scim_hold_open ON scim_hold (tenant_id, resource_id) WHERE state = 'held'"
LISTED = "CREATE INDEX scim_hold_listed ON scim_hold (tenant_id, state, held_at, id)"


class Migration(migrations.Migration):
    """Creates scim_breaker, scim_departure and scim_hold."""

    dependencies = [("scim", "0023_trash")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(BREAKER, "DROP TABLE scim_breaker"),
        TenantTable("scim_breaker", app="SELECT, INSERT, UPDATE", key=("tenant_id",)),
        migrations.RunSQL(DEPARTURE, "DROP TABLE scim_departure"),
        TenantTable("scim_departure", app="SELECT, INSERT, UPDATE, DELETE", key=("tenant_id", "minute")),
        migrations.RunSQL(HOLD, "DROP TABLE scim_hold"),
        TenantTable("scim_hold", app="SELECT, INSERT, UPDATE"),
        CompositeForeignKey("scim_hold", "resource_id", to="scim_resource"),
        migrations.RunSQL([OPEN, LISTED], migrations.RunSQL.noop),
    ]
