"""The ledger's part: finds the streams that have something to send and lets each send for itself, so that a slow
receiver keeps nobody else waiting.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connections, transaction

from audit.streams.delivery import deliver_some
from labsninja.kernel.outbound import OutboundClient, build_policy

AT_ONCE = 8
DUE = """
SELECT s.tenant_id, s.id FROM audit_stream s CROSS JOIN LATERAL (
    SELECT size FROM audit_checkpoint c WHERE c.tenant_id = s.tenant_id ORDER BY size DESC LIMIT 1
) AS head
WHERE s.state = 'running' AND s.next_attempt_at <= clock_timestamp() AND head.size > s.next ORDER BY s.next_attempt_at
"""
TELL = """
UPDATE audit_streaming SET
    stopped = (SELECT count(*) FROM audit_stream WHERE state = 'stopped'),
    oldest_at = (
        SELECT min(least(
            (SELECT event_at FROM audit_leaf l
             WHERE s.kind <> 'checkpoints' AND l.tenant_id = s.tenant_id AND l.leaf_index = s.next),
            (SELECT signed_at FROM audit_checkpoint c
             WHERE s.kind = 'checkpoints' AND c.tenant_id = s.tenant_id AND c.size > s.next ORDER BY c.size LIMIT 1)
        )) FROM audit_stream s WHERE s.state = 'running')
"""
logger = logging.getLogger(__name__)


class StreamsDuty:
    """Call `work` again and again inside cross_tenant; it does not wait for what it has begun."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="audit-stream")
        self._running: dict[UUID, Future[int]] = {}

    def work(self, is_ending: Callable[[], bool] = lambda: False) -> int:
        """Begin with the streams that are due. Gives how many."""
        self._running = {stream_id: task for stream_id, task in self._running.items() if not task.done()}
        with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
            cursor.execute(TELL)
            cursor.execute(DUE)
            due = [row for row in cursor.fetchall() if row[1] not in self._running]
        for tenant_id, stream_id in due:
            # A copy of the context for each: the stay on the platform role goes along into the thread.
            task = self._pool.submit(copy_context().run, _deliver, tenant_id, stream_id, is_ending)
            self._running[stream_id] = task
        return len(due)

    def finish(self) -> None:
        """Wait for what is under way, and begin with nothing more."""
        self._pool.shutdown(cancel_futures=True)


def _deliver(tenant_id: UUID, stream_id: UUID, is_ending: Callable[[], bool]) -> int:
    try:
        with OutboundClient(policy=build_policy(settings.LABSNINJA_OUTBOUND)) as client:
            return deliver_some(tenant_id=tenant_id, stream_id=stream_id, client=client, is_ending=is_ending)
    except DatabaseError as error:
        logger.warning("audit streams: %s is tried again: %s", stream_id, error)
        return 0
    except Exception:  # a defect that one stream runs into keeps the others going
        logger.exception("audit streams: %s failed", stream_id)
        return 0
    finally:
        connections.close_all()
