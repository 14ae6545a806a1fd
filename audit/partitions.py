"""SQL of tables that only grow: what refuses to change them, and the owner's functions that make and drop their months.

Used by migrations alone. A trigger does not hold its own table's owner, who can drop it, nor a superuser; the signed
checkpoints that leave the database do.
"""

from collections.abc import Sequence

from django.db.migrations.operations.special import RunSQL

TRIGGER = "append_only"
REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
# Once a statement and not for each row: it refuses what would find no row, too. ALWAYS: also where replication writes.
GUARD = (
    f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE OR DELETE OR TRUNCATE ON {{0}} EXECUTE FUNCTION audit_refuse_change()",
    f"ALTER TABLE {{0}} ENABLE ALWAYS TRIGGER {TRIGGER}",
)
_GUARD = "\n    ".join(f"EXECUTE format('{statement.format('%1$I')}', name);" for statement in GUARD)
# A partition is out of the app role's reach; backups read it.
MAKE = f"""
CREATE FUNCTION audit_make_partition(parent text, name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, parent);
    EXECUTE format('GRANT SELECT ON %I TO ln_platform', name);
    {_GUARD}
END $$
"""
# As before, but a table that may be changed has partitions that may be, too.
IF_GUARDED = "IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = parent::regclass AND tgname = '{}') THEN {} END IF;"
MAKE_ALIKE = MAKE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    _GUARD, IF_GUARDED.format(TRIGGER, _GUARD)
)
# Events of a month that nobody prepared lie in the default partition, and PostgreSQL attaches no partition whose rows
# lie there. As nothing deletes a row, the default partition is written anew without them and the old one dropped.
TAKE_OVER = """
CREATE FUNCTION audit_take_over(parent text, name text, since text, until text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    late boolean;
    rest text := parent || '_default';
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE at >= %L AND at < %L)', rest, since, until) INTO late;
    IF late THEN
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, rest);
        EXECUTE format('ALTER TABLE %I RENAME TO %I', rest, parent || '_old');
        PERFORM audit_make_partition(parent, rest);
        EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE at >= %L AND at < %L', name, parent || '_old', since,
            until);
        EXECUTE format('INSERT INTO %I SELECT * FROM %I WHERE at < %L OR at >= %L', rest, parent || '_old', since,
            until);
        EXECUTE format('DROP TABLE %I', parent || '_old');
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', parent, rest);
    END IF;
END $$
"""
PREPARE = """
CREATE OR REPLACE FUNCTION audit_prepare_partitions(months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    made integer := 0;
    parent text;
    name text;
    since text;
    until text;
BEGIN
    FOREACH parent IN ARRAY ARRAY[{parents}] LOOP
        FOR month IN 0 .. months LOOP
            name := parent || '_' || to_char(first + make_interval(months => month), 'YYYY_MM');
            IF to_regclass(name) IS NULL THEN
                since := to_char(first + make_interval(months => month), 'YYYY-MM-DD 00:00:00+00');
                until := to_char(first + make_interval(months => month + 1), 'YYYY-MM-DD 00:00:00+00');
                PERFORM audit_make_partition(parent, name);
                PERFORM audit_take_over(parent, name, since, until);
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, since,
                    until);
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$
"""


class AppendOnly(RunSQL):
    """Lets `table` only grow, whoever writes. Its later partitions are made so by audit_make_partition."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__([statement.format(f'"{table}"') for statement in GUARD], f"DROP TRIGGER {TRIGGER} ON {table}")

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return type(self).__qualname__, [self.table], {}

    def describe(self) -> str:
        return f"Let {self.table} only grow"


def prepare_months(*, parents: Sequence[str]) -> str:
    """SQL of the function that makes the months ahead of tables partitioned by month of `at`."""
    return PREPARE.format(parents=", ".join(f"'{parent}'" for parent in parents))
