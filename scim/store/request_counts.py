"""Requests by five minutes, SCIM client, answer and time taken: added to as the log is written, read in sums."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope

SLOT: Final = timedelta(minutes=5)
EPOCH: Final = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday, so that bins of hours and days begin where people's do
# Up to how many milliseconds the requests of a bucket took; the last one has no end. A percentile is true within one.
BOUNDS_MS: Final = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000, 10_000)
OUTCOMES: Final = {401: "denied", 403: "denied", 429: "limited"}
REFUSED, FAILED = 400, 500

# Sorted, so that two processes lock the rows in one order. A SCIM client that is gone counts for nothing any more.
ADD: Final = """
INSERT INTO scim_request_count AS c
    (tenant_id, slot, scim_client_id, status, scim_type, bucket, count, first_at, last_at)
SELECT k.tenant_id, given.slot, k.id, given.status, given.scim_type, given.bucket, given.count, given.first_at,
       given.last_at
FROM unnest(%s::timestamptz[], %s::uuid[], %s::smallint[], %s::text[], %s::smallint[], %s::bigint[], %s::timestamptz[],
            %s::timestamptz[])
    AS given (slot, scim_client_id, status, scim_type, bucket, count, first_at, last_at)
JOIN tenants_scim_client k ON k.tenant_id = %s AND k.id = given.scim_client_id
ORDER BY given.slot, given.scim_client_id, given.status, given.scim_type, given.bucket
ON CONFLICT (tenant_id, slot, scim_client_id, status, scim_type, bucket)
DO UPDATE SET count = c.count + excluded.count, first_at = least(c.first_at, excluded.first_at),
              last_at = greatest(c.last_at, excluded.last_at)
"""
# One range of the primary key; a month of a provider that never rests is about 100,000 rows.
SUM: Final = """
SELECT date_bin(%(step)s, slot, %(epoch)s), scim_client_id, status, scim_type, bucket, sum(count)::bigint,
       min(first_at), max(last_at)
FROM scim_request_count
WHERE tenant_id = %(tenant)s AND slot >= %(since)s AND slot < %(until)s
  AND (%(client)s::uuid IS NULL OR scim_client_id = %(client)s)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1
"""
# The same range, a row for every slot in which a SCIM client sent anything.
ACTIVE: Final = """
SELECT scim_client_id, min(first_at), max(last_at) FROM scim_request_count
WHERE tenant_id = %s AND slot >= %s AND (%s::uuid IS NULL OR scim_client_id = %s)
GROUP BY scim_client_id, slot ORDER BY scim_client_id, slot
"""
DELETE: Final = "DELETE FROM scim_request_count WHERE tenant_id = %s AND slot < %s"


@dataclass(frozen=True)
class CountKey:
    """What is counted apart."""

    slot: datetime
    scim_client_id: UUID
    status: int
    scim_type: str
    bucket: int


@dataclass(frozen=True)
class Count:
    """How many, and when the first and the last of them came."""

    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class CountRow:
    """A sum over the slots of a bin, which begins `at`."""

    at: datetime
    scim_client_id: UUID
    status: int
    scim_type: str
    bucket: int
    count: int
    first_at: datetime
    last_at: datetime

    @property
    def outcome(self) -> str:
        return tell_outcome(status=self.status)


def tell_outcome(*, status: int) -> str:
    """done, refused, denied, limited or failed."""
    if status >= FAILED:
        return "failed"
    return OUTCOMES.get(status, "refused" if status >= REFUSED else "done")


def find_slot(*, at: datetime) -> datetime:
    """When the five minutes of a moment begin."""
    return at - (at - EPOCH) % SLOT


def find_bucket(*, duration_us: int) -> int:
    """Which bucket a request belongs to."""
    return bisect_left(BOUNDS_MS, duration_us / 1000)


def add_counts(*, counts: Mapping[CountKey, Count]) -> None:
    """Add to the counts of the open scope's tenant, in one statement."""
    if not counts:
        return
    scope, keys, values = current_scope(), list(counts), list(counts.values())
    columns = [[getattr(key, name) for key in keys] for name in CountKey.__dataclass_fields__]
    columns += [[getattr(value, name) for value in values] for name in Count.__dataclass_fields__]
    scope.execute(ADD, [*columns, scope.tenant_id])


def sum_counts(*, since: datetime, until: datetime, step: timedelta, scim_client_id: UUID | None) -> Sequence[CountRow]:
    """By bins of `step`, a multiple of SLOT; of one SCIM client or of all."""
    scope = current_scope()
    values = {"tenant": scope.tenant_id, "since": since, "until": until, "step": step, "epoch": EPOCH}
    return [CountRow(*row) for row in scope.execute(SUM, {**values, "client": scim_client_id}).fetchall()]


def read_activity(*, since: datetime, scim_client_id: UUID | None) -> Sequence[tuple[UUID, datetime, datetime]]:
    """First and last request of each slot in which something came, by SCIM client, oldest first."""
    scope = current_scope()
    rows = scope.execute(ACTIVE, [scope.tenant_id, since, scim_client_id, scim_client_id])
    return [(row[0], row[1], row[2]) for row in rows.fetchall()]


def delete_counts(*, before: datetime) -> int:
    """Delete the counts of slots that began before a moment; gives how many rows."""
    scope = current_scope()
    return int(scope.execute(DELETE, [scope.tenant_id, before]).rowcount)
