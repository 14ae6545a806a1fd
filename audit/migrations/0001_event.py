"""The event table, partitioned by month, and the owner's function that makes the partitions."""

import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

TEXTS = (
    "action", "outcome", "actor_kind", "actor_id", "actor_label", "token_prefix", "surface", "address", "user_agent",
    "target_type", "target_id", "target_display", "request_id", "canonical",
)  # fmt: skip

# `xid` lets the sealer wait for every transaction that could still commit an earlier event.
TABLE = f"""
CREATE TABLE audit_event (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    {", ".join(f"{name} text NOT NULL" for name in TEXTS)}
) PARTITION BY RANGE (at)
"""

# The app role has no grant on a partition: it reaches rows through the parent and its policy. Backups read partitions.
# The default partition keeps events of a month that nobody prepared; nothing is refused for want of a partition.
# Preparing that month later moves them over: PostgreSQL attaches no partition whose rows lie in the default one.
PARTITIONS = """
CREATE FUNCTION audit_prepare_partitions(months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    made integer := 0;
    name text;
    since text;
    until text;
BEGIN
    FOR month IN 0 .. months LOOP
        name := 'audit_event_' || to_char(first + make_interval(months => month), 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            since := to_char(first + make_interval(months => month), 'YYYY-MM-DD 00:00:00+00');
            until := to_char(first + make_interval(months => month + 1), 'YYYY-MM-DD 00:00:00+00');
            EXECUTE format('CREATE TABLE %I (LIKE audit_event INCLUDING ALL)', name);
            EXECUTE format('WITH late AS (DELETE FROM audit_event_default WHERE at >= %L AND at < %L RETURNING *)'
                ' INSERT INTO %I SELECT * FROM late', since, until, name);
            EXECUTE format('ALTER TABLE audit_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                name, since, until);
            EXECUTE format('GRANT SELECT ON %I TO ln_platform', name);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$
"""


class Migration(migrations.Migration):
    """Creates audit_event."""

    initial = True
    dependencies = []

    operations = [
        lock_timeout(),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="AuditEvent",
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
                        ("at", models.DateTimeField()),
                        *((name, models.TextField()) for name in TEXTS),
                    ],
                    options={
                        "db_table": "audit_event",
                        "ordering": ("at", "id"),
                        "abstract": False,
                        "base_manager_name": "objects",
                        "default_manager_name": "objects",
                    },
                ),
            ],
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE audit_event")],
        ),
        TenantTable("audit_event", app="SELECT, INSERT", platform="SELECT, INSERT", key=("tenant_id", "at", "id")),
        migrations.RunSQL(
            [
                "CREATE TABLE audit_event_default PARTITION OF audit_event DEFAULT",
                "GRANT SELECT ON audit_event_default TO ln_platform",
                PARTITIONS,
                "REVOKE ALL ON FUNCTION audit_prepare_partitions(integer) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION audit_prepare_partitions(integer) TO ln_platform",
                "SELECT audit_prepare_partitions(3)",
            ],
            "DROP FUNCTION audit_prepare_partitions(integer)",
        ),
    ]
