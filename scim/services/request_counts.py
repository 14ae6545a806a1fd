"""Counting requests as their log is written, and forgetting counts that no range of the console reaches any more."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from labsninja.kernel.isolation import tenant_scope
from scim.services.request_entries import RequestEntry
from scim.services.rounds import Rounds
from scim.store.request_counts import Count, CountKey, add_counts, delete_counts, find_bucket, find_slot

# The longest range is 30 days, and is compared with the 30 before it.
KEPT: Final = timedelta(days=61)
ROUND: Final = timedelta(hours=6)


def count_requests(*, entries: Sequence[RequestEntry]) -> None:
    """Add the entries to the counts of the open scope's tenant. Strangers have no SCIM client and count for none."""
    counts: dict[CountKey, Count] = {}
    for entry in entries:
        if entry.scim_client_id is None:
            continue
        bucket = find_bucket(duration_us=entry.duration_us)
        key = CountKey(find_slot(at=entry.at), entry.scim_client_id, entry.status, entry.scim_type, bucket)
        before = counts.get(key, Count(0, entry.at, entry.at))
        counts[key] = Count(before.count + 1, min(before.first_at, entry.at), max(before.last_at, entry.at))
    add_counts(counts=counts)


def prune_counts(*, now: datetime) -> int:
    """Delete old counts of the bound tenant; gives how many rows."""
    with tenant_scope():
        return delete_counts(before=now - KEPT)


class CountsKeeper:
    """Goes through all active tenants a few times a day, with many of them in several goes."""

    def __init__(self) -> None:
        self._rounds = Rounds(every=ROUND)

    def prune_some(self) -> int:
        """Prune counts for some seconds at most. Gives how many rows went."""
        now = datetime.now(UTC)
        return sum(prune_counts(now=now) for _tenant_id in self._rounds.take_some())
