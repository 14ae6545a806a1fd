"""Retention drops whole weeks of the request log: the owner's function looks, the platform role calls it."""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

# Counted before the lock, which the drop holds for a moment. The week before this one stays whatever the setting says:
# its last reads may wait for the ledger.
DROP_WEEK = """
CREATE FUNCTION scim_drop_request_log(name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    requests bigint;
BEGIN
    IF name !~ '^scim_request_log_[0-9]{4}_[0-9]{2}_[0-9]{2}$'
        OR (to_date(right(name, 10), 'YYYY_MM_DD') + 14)::timestamp AT TIME ZONE 'UTC' > now() THEN
        RAISE EXCEPTION '% is no week that may be dropped', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', name) INTO requests;
    EXECUTE format('DROP TABLE %I', name);
    RETURN requests;
END $$
"""


class Migration(migrations.Migration):
    """Creates scim_drop_request_log."""

    dependencies = [("scim", "0015_unique_value")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(
            [
                DROP_WEEK,
                "REVOKE ALL ON FUNCTION scim_drop_request_log(text) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION scim_drop_request_log(text) TO ln_platform",
            ],
            "DROP FUNCTION scim_drop_request_log(text)",
        ),
    ]
