"""Retention of the request log: weeks that are over for long go whole, once the audit history tells of their reads."""

import logging
from datetime import UTC, datetime, timedelta

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope
from scim.store.request_log_weeks import are_reads_owed, drop_week, list_expired_weeks

logger = logging.getLogger(__name__)


def drop_expired_week(*, week: str, origin: Origin) -> int | None:
    """Drop a partition with an event of the deployment in the same transaction; gives how many requests it held, None
    when reads of it are not recorded yet and it stays.
    """
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope():
        if are_reads_owed(week=week):
            return None
        requests = drop_week(week=week)
        event = Event(Action.REQUEST_LOG_DROPPED, Target("Partition", week, week), details={"requests": requests})
        record_event(event=event, origin=origin)
    return requests


def drop_expired_weeks(*, days: int, origin: Origin) -> int:
    """Drop every week that ended more than so many days ago; none for 0 days. Gives how many weeks went."""
    if not days:
        return 0
    dropped = 0
    weeks = list_expired_weeks(before=datetime.now(UTC) - timedelta(days=days))
    if weeks:
        with cross_tenant(reason="request log retention", actor=origin):
            for week in weeks:
                if drop_expired_week(week=week, origin=origin) is None:
                    logger.warning("request log: %s stays, its reads are not in the audit history yet", week)
                else:
                    dropped += 1
    return dropped
