"""Retention drops whole months, and only sealed ones: the owner's function looks, the platform role calls it."""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

# Counted before the lock, which is then held for a moment. Every event of a transaction before the watermark is sealed.
DROP_MONTH = """
CREATE FUNCTION audit_drop_month(name text) RETURNS bigint
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
    RETURN events;
END $$
"""


class Migration(migrations.Migration):
    """Creates audit_drop_month."""

    dependencies = [("audit", "0007_sealing")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(
            [
                DROP_MONTH,
                "REVOKE ALL ON FUNCTION audit_drop_month(text) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION audit_drop_month(text) TO ln_platform",
            ],
            "DROP FUNCTION audit_drop_month(text)",
        ),
    ]
