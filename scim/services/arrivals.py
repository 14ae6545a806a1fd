"""Members who were named before they arrived: attached in the wake of their creation, or by the ledger when a creation
and a request that named them crossed without seeing each other.
"""

from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from audit.actors import Origin, system_origin
from labsninja.kernel.isolation import tenant_context
from scim.services.memberships import touch_groups
from scim.services.writes import open_write
from scim.store.members import Arrival, MemberChange, attach_pending, find_arrivals
from scim.store.pipeline import pipelined_scope
from tenants.models import Tenant

ROUND = timedelta(minutes=1)
MOST_AT_ONCE = 100  # of one tenant; the rest is found in the next round
SECONDS_AT_ONCE = 1.0  # the ledger has a lease to renew, and stops when it is told to


def attach_arrival(*, arrival: Arrival, origin: Origin) -> int:
    """Make somebody who has arrived a member of the groups that named them before; gives how many groups changed."""
    with open_write():
        groups = attach_pending(arrival=arrival, at=origin.at)
        touch_groups(group_ids=groups, members=MemberChange(added=(arrival.resource_id,)), origin=origin)
    return len(groups)


def attach_arrivals(*, origin: Origin, limit: int) -> int:
    """Attach at most `limit` of the bound tenant's arrivals that nobody attached; gives how many groups changed.

    Each is a transaction of its own, so that no group stays locked for long.
    """
    with pipelined_scope():
        arrivals = find_arrivals(limit=limit)
    return sum(attach_arrival(arrival=arrival, origin=origin) for arrival in arrivals)


class ArrivalsAttendant:
    """Goes through all active tenants once a minute, with many of them in several goes."""

    def __init__(self) -> None:
        self._began = datetime.min.replace(tzinfo=UTC)
        self._waiting: list[UUID] = []

    def attach_some(self) -> int:
        """Look after tenants for some seconds at most. Gives how many groups changed."""
        now, changed = datetime.now(UTC), 0
        if not self._waiting and now >= self._began + ROUND:
            active = Tenant.objects.filter(state=Tenant.State.ACTIVE)
            self._began, self._waiting = now, list(active.values_list("id", flat=True))
        ends = monotonic() + SECONDS_AT_ONCE
        while self._waiting and monotonic() < ends:
            with tenant_context(self._waiting.pop()):
                changed += attach_arrivals(origin=system_origin("ledger"), limit=MOST_AT_ONCE)
        return changed
