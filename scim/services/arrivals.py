"""Members who were named before they arrived: attached in the wake of their creation, or by the ledger when a creation
and a request that named them crossed without seeing each other.
"""

from datetime import timedelta

from audit.actors import Origin, system_origin
from scim.services.memberships import touch_groups
from scim.services.rounds import Rounds
from scim.services.writes import open_write
from scim.store.members import Arrival, MemberChange, attach_pending, find_arrivals
from scim.store.pipeline import pipelined_scope

ROUND = timedelta(minutes=1)
MOST_AT_ONCE = 100  # of one tenant; the rest is found in the next round


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
        self._rounds = Rounds(every=ROUND)

    def attach_some(self) -> int:
        """Look after tenants for some seconds at most. Gives how many groups changed."""
        origin = system_origin("ledger")
        return sum(attach_arrivals(origin=origin, limit=MOST_AT_ONCE) for _tenant_id in self._rounds.take_some())
