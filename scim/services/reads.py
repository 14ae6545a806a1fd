"""Reads in the audit history: one event per SCIM client and minute, with their counts and a hash of their log rows.

A minute is closed 10 s after its end, when every process has long written its rows. A row that an outage of the
database held back for longer stands in the log alone.
"""

from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin, system_origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.store.reads import MinuteOfReads, find_open_minute, lock_reads_mark, move_reads_mark, sum_reads
from tenants.models import Tenant

CLOSING = timedelta(seconds=10)
MOST_AT_ONCE = timedelta(minutes=5)  # after a pause of the ledger: more in one go would take too long
SECONDS_AT_ONCE = 1.0  # the ledger has a lease to renew, and stops when it is told to


def close_minute(*, now: datetime) -> datetime:
    """The end of the newest minute that is closed at `now`."""
    return (now - CLOSING).replace(second=0, microsecond=0)


def record_reads(*, tenant_id: UUID, until: datetime, origin: Origin) -> int:
    """Record a tenant's reads before `until`, the end of a closed minute; at most MOST_AT_ONCE in one go.

    Gives how many events were written. A second run for the same minutes writes nothing.
    """
    with tenant_context(tenant_id), tenant_scope():
        first = find_open_minute(until=until)
        if first is None:
            return 0
        since = max(first, lock_reads_mark())
        until = min(until, since + MOST_AT_ONCE)
        found = sum_reads(since=since, until=until) if since < until else []
        for minute in found:
            record_event(event=_event(minute), origin=origin)
        if since < until:
            move_reads_mark(until=until)
    return len(found)


class ReadsRecorder:
    """Goes through all tenants once a minute, with many of them in several goes."""

    def __init__(self) -> None:
        self._until = datetime.min.replace(tzinfo=UTC)
        self._waiting: list[UUID] = []

    def record_some(self) -> int:
        """Record reads for some seconds at most. Gives how many events were written."""
        until, origin, written = close_minute(now=datetime.now(UTC)), system_origin("ledger"), 0
        if not self._waiting and until > self._until:
            self._until, self._waiting = until, list(Tenant.objects.values_list("id", flat=True))
        ends = monotonic() + SECONDS_AT_ONCE
        while self._waiting and monotonic() < ends:
            # A tenant whose reads cannot be summed today must not keep the others waiting: it is asked again next time.
            written += record_reads(tenant_id=self._waiting.pop(), until=self._until, origin=origin)
        return written


def _event(reads: MinuteOfReads) -> Event:
    target = Target("ScimClient", str(reads.scim_client_id), reads.client_name)
    details = {
        "minute": reads.minute.isoformat(),
        "count": reads.count,
        "counts": list(reads.counts),
        "sha256": reads.digest,
    }
    return Event(Action.READS_RECORDED, target, details=details)
