"""What was counted of requests: by bins of a range, by outcome, by cause, and how long they took."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.store.request_counts import BOUNDS_MS, EPOCH, SLOT, CountRow, sum_counts

__all__ = ["RANGES", "SLOT", "Cause", "CountRow", "Range", "Tally", "read_traffic", "tally", "tell_causes"]
OUTCOMES: Final = ("done", "refused", "denied", "limited", "failed")
ERRORS: Final = frozenset({"refused", "denied", "failed"})


@dataclass(frozen=True)
class Range:
    """How far back is looked, in bins of which length."""

    key: str
    name: str
    span: timedelta
    step: timedelta


RANGES: Final[Mapping[str, Range]] = {
    found.key: found
    for found in (
        Range("1h", "1 hour", timedelta(hours=1), SLOT),
        Range("24h", "24 hours", timedelta(hours=24), timedelta(minutes=30)),
        Range("7d", "7 days", timedelta(days=7), timedelta(hours=3)),
        Range("30d", "30 days", timedelta(days=30), timedelta(hours=12)),
    )
}


@dataclass(frozen=True)
class Tally:
    """Requests of a time: by outcome, and milliseconds that half of them, and 95 of 100, took at most."""

    outcomes: Mapping[str, int]
    p50: float | None
    p95: float | None

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())

    @property
    def errors(self) -> int:
        """What was refused, denied, or failed; who came too fast is told apart."""
        return sum(count for outcome, count in self.outcomes.items() if outcome in ERRORS)

    @property
    def limited(self) -> int:
        return self.outcomes.get("limited", 0)

    @property
    def error_rate(self) -> float:
        """Percent."""
        return 100 * self.errors / self.total if self.total else 0.0


@dataclass(frozen=True)
class Cause:
    """Requests that failed in one way at one SCIM client."""

    scim_client_id: UUID
    status: int
    scim_type: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class Traffic:
    """The counts of a range, and when each of its bins begins."""

    rows: Sequence[CountRow]
    bins: Sequence[datetime]

    def by_bin(self, *, scim_client_id: UUID | None = None) -> Sequence[Tally]:
        """One tally a bin, of one SCIM client or of all."""
        found: dict[datetime, list[CountRow]] = defaultdict(list)
        for row in self.rows:
            if scim_client_id in {None, row.scim_client_id}:
                found[row.at].append(row)
        return [tally(found[at]) for at in self.bins]

    def of_client(self, *, scim_client_id: UUID) -> Sequence[CountRow]:
        return [row for row in self.rows if row.scim_client_id == scim_client_id]


def read_traffic(*, chosen: Range, now: datetime, scim_client_id: UUID | None = None) -> Traffic:
    """The bound tenant's counts of a range that ends with the bin of `now`."""
    until = now - (now - EPOCH) % chosen.step + chosen.step
    since = until - chosen.span
    with tenant_scope():
        rows = sum_counts(since=since, until=until, step=chosen.step, scim_client_id=scim_client_id)
    return Traffic(rows, [since + chosen.step * number for number in range(chosen.span // chosen.step)])


def tally(rows: Iterable[CountRow]) -> Tally:
    """The sum of rows."""
    outcomes: Counter[str] = Counter()
    buckets: Counter[int] = Counter()
    for row in rows:
        outcomes[row.outcome] += row.count
        buckets[row.bucket] += row.count
    return Tally(outcomes, _percentile(buckets, 0.5), _percentile(buckets, 0.95))


def tell_causes(rows: Iterable[CountRow]) -> Sequence[Cause]:
    """What went wrong, the most frequent first; too many requests at once are one of the causes."""
    counts: Counter[tuple[UUID, int, str]] = Counter()
    newest: dict[tuple[UUID, int, str], datetime] = {}
    for row in rows:
        if row.outcome != "done":
            key = row.scim_client_id, row.status, row.scim_type
            counts[key] += row.count
            newest[key] = max(row.last_at, newest.get(key, row.last_at))
    return [Cause(*key, count, newest[key]) for key, count in counts.most_common()]


def _percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Within its bucket a request is as likely here as there; the last bucket has no end, and tells its beginning."""
    wanted, passed = share * sum(buckets.values()), 0
    for bucket in sorted(buckets):
        if passed + buckets[bucket] >= wanted:
            low = BOUNDS_MS[bucket - 1] if bucket else 0
            high = BOUNDS_MS[bucket] if bucket < len(BOUNDS_MS) else low
            return low + (high - low) * (wanted - passed) / buckets[bucket]
        passed += buckets[bucket]
    return None
