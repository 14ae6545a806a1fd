"""Retention: events of months that are over for long go, a whole partition at a time; their leaves stay, so that every
proof of later events and every checkpoint stands.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connections

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope

EXPIRED = """
SELECT c.relname::text FROM pg_class c JOIN pg_inherits ON inhrelid = c.oid
WHERE inhparent = %s::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'
  AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= %s ORDER BY 1
"""
# Whoever waits for the lock has everybody wait behind them: rather try again in an hour.
PATIENCE = "SET LOCAL lock_timeout = '2s'"


def list_expired_months(*, before: datetime) -> Sequence[str]:
    """Partitions whose last event lies before a moment, the oldest first."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(EXPIRED, ["audit_event", before.astimezone(UTC).replace(tzinfo=None)])
        return [name for (name,) in cursor.fetchall()]


def drop_month(*, name: str, origin: Origin) -> int:
    """Drop a partition, with an event of the deployment in the same transaction; gives how many events it held.

    Raises django.db's IntegrityError for a month that is too young or holds unsealed events, OperationalError when a
    long query is in its way.
    """
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope() as scope:
        scope.execute(PATIENCE, None)
        dropped: tuple[int] = scope.execute("SELECT audit_drop_month(%s)", [name]).fetchone()
        event = Event(Action.MONTH_DROPPED, Target("Partition", name, name), details={"events": dropped[0]})
        record_event(event=event, origin=origin)
    return dropped[0]


def drop_expired_months(*, days: int, origin: Origin) -> int:
    """Drop every month that ended more than so many days ago; none for 0 days. Gives how many months."""
    if not days:
        return 0
    months = list_expired_months(before=datetime.now(UTC) - timedelta(days=days))
    if months:
        with cross_tenant(reason="audit retention", actor=origin):
            for name in months:
                drop_month(name=name, origin=origin)
    return len(months)
