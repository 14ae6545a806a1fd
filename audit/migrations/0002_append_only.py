"""Events only grow, also for the owner: a trigger on the table and on every partition, those to come included."""

from django.db import migrations

from audit.partitions import MAKE, REFUSE, TAKE_OVER, AppendOnly, prepare_months
from labsninja.kernel.isolation.rls import lock_timeout

PARTITIONS = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_event'::regclass LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
            'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', name);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', name);
    END LOOP;
END $$
"""
PRIVATE = (
    "audit_refuse_change()",
    "audit_make_partition(text, text)",
    "audit_take_over(text, text, text, text)",
)


class Migration(migrations.Migration):
    """Guards audit_event and its partitions."""

    dependencies = [("audit", "0001_event")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(
            [
                *(REFUSE, MAKE, TAKE_OVER, prepare_months(parents=["audit_event"])),
                *(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in PRIVATE),
            ],
            migrations.RunSQL.noop,
        ),
        AppendOnly("audit_event"),
        migrations.RunSQL(PARTITIONS, migrations.RunSQL.noop),
    ]
