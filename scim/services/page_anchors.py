"""Keeping the anchors of deep pages near the truth: the fewer steps are waiting, the less a page has to add up."""

from datetime import timedelta

from scim.services.rounds import Rounds
from scim.store.page_anchors import find_waiting_types, fold_steps
from scim.store.pipeline import pipelined_scope

ROUND = timedelta(seconds=20)


def fold_page_steps() -> int:
    """Fold the bound tenant's steps where there are many; gives for how many resource types."""
    with pipelined_scope(by_keys=True):
        waiting = find_waiting_types()
        for resource_type in waiting:
            fold_steps(resource_type=resource_type)
    return len(waiting)


class PageAnchorsAttendant:
    """Goes through all active tenants, with many of them in several goes."""

    def __init__(self) -> None:
        self._rounds = Rounds(every=ROUND)

    def fold_some(self) -> int:
        """Look after tenants for some seconds at most. Gives how many resource types were folded."""
        return sum(fold_page_steps() for _tenant_id in self._rounds.take_some())
