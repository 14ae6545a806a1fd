"""Words by which events are found, partitioned as the events are. They are an index and no history: made from sealed
events after they were told, made anew from them at will, and taken away with a person who is forgotten.
"""

from django.db import migrations

from audit.partitions import MAKE_ALIKE, prepare_months
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

WORD = """
CREATE TABLE audit_word (
    tenant_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    id uuid NOT NULL,
    CONSTRAINT audit_word_length CHECK (char_length(word) BETWEEN 1 AND 64)
) PARTITION BY RANGE (at)
"""
PROGRESS = """
CREATE TABLE audit_word_progress (
    tenant_id uuid NOT NULL,
    leaves bigint NOT NULL,
    CONSTRAINT audit_word_progress_counts CHECK (leaves >= 0)
)
"""
# Months that lie in the past have their events in partitions that exist already: they get words of their own.
PAST = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT right(c.relname, 7) FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid
        WHERE inhparent = 'audit_event'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
    LOOP
        PERFORM audit_make_partition('audit_word', 'audit_word_' || name);
        EXECUTE format('ALTER TABLE audit_word ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', 'audit_word_' || name,
            to_char(to_date(name, 'YYYY_MM'), 'YYYY-MM-DD 00:00:00+00'),
            to_char(to_date(name, 'YYYY_MM') + interval '1 month', 'YYYY-MM-DD 00:00:00+00'));
    END LOOP;
END $$
"""
DROP_MONTH = """
CREATE OR REPLACE FUNCTION audit_drop_month(name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    events bigint;
    unsealed boolean;
BEGIN
    IF name !~ '^audit_event_[0-9]{4}_[0-9]{2}$'
        OR to_date(right(name, 7), 'YYYY_MM') + interval '2 months' > now() THEN
        RAISE EXCEPTION '% is no month that may be dropped', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', name) INTO events;
    LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE xid >= (SELECT watermark FROM audit_sealing))', name)
        INTO unsealed;
    IF unsealed THEN
        RAISE EXCEPTION '% holds events that are not sealed', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DROP TABLE %I', name);
    EXECUTE format('DROP TABLE IF EXISTS %I', 'audit_word_' || right(name, 7));
    RETURN events;
END $$
"""


class Migration(migrations.Migration):
    """Creates audit_word and audit_word_progress."""

    dependencies = [("audit", "0011_search_indexes")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(WORD, "DROP TABLE audit_word"),
        TenantTable(
            "audit_word", app="SELECT", platform="SELECT, INSERT, DELETE", key=("tenant_id", "word", "at", "id")
        ),
        migrations.RunSQL(PROGRESS, "DROP TABLE audit_word_progress"),
        TenantTable("audit_word_progress", app="SELECT", platform="SELECT, INSERT, UPDATE", key=("tenant_id",)),
        migrations.RunSQL(
            [
                MAKE_ALIKE,
                "CREATE TABLE audit_word_default PARTITION OF audit_word DEFAULT",
                "GRANT SELECT ON audit_word_default TO ln_platform",
                PAST,
                prepare_months(parents=["audit_event", "audit_word"]),
                DROP_MONTH,
            ],
            prepare_months(parents=["audit_event"]),
        ),
    ]
