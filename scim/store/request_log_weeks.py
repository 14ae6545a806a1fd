"""The request log's partitions, a week each, as the platform role sees them: which are over, and dropping one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connections

from labsninja.kernel.isolation import current_scope

# Weeks whose last request lies before a moment.
EXPIRED: Final = """
SELECT c.relname::text FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid
WHERE inhparent = %s::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}_[0-9]{2}$'
  AND to_date(right(c.relname, 10), 'YYYY_MM_DD') + 7 <= %s ORDER BY 1
"""
# A step per tenant on the log's primary key: the first row of the week behind the tenant's mark ends the search.
OWED: Final = """
SELECT EXISTS (
    SELECT FROM tenants_tenant t LEFT JOIN scim_reads_recorded m ON m.tenant_id = t.id
    WHERE EXISTS (SELECT FROM scim_request_log r WHERE r.tenant_id = t.id AND r.at < %(until)s
                  AND r.at >= greatest(%(since)s, coalesce(m.until, '-infinity')))
)
"""
# Whoever waits for the lock has everybody wait behind them: rather try again in an hour.
PATIENCE: Final = "SET LOCAL lock_timeout = '2s'"


def list_expired_weeks(*, before: datetime) -> Sequence[str]:
    """Partitions whose last request lies before a moment, the oldest first."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(EXPIRED, ["scim_request_log", before.astimezone(UTC).replace(tzinfo=None)])
        return [name for (name,) in cursor.fetchall()]


def are_reads_owed(*, week: str) -> bool:
    """Whether reads of the week are not in the audit history yet; asks across all tenants."""
    since = datetime.combine(date.fromisoformat(week[-10:].replace("_", "-")), datetime.min.time(), UTC)
    owed: tuple[bool] = current_scope().execute(OWED, {"since": since, "until": since + timedelta(days=7)}).fetchone()
    return owed[0]


def drop_week(*, week: str) -> int:
    """Drop a partition; gives how many requests it held.

    Raises django.db's IntegrityError for a week that is too young, OperationalError when a long query is in its way.
    """
    scope = current_scope()
    scope.execute(PATIENCE, None)
    dropped: tuple[int] = scope.execute("SELECT scim_drop_request_log(%s)", [week]).fetchone()
    return dropped[0]
