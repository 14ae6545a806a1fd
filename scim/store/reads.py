"""What was read in a minute, summed from the request log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope


@dataclass(frozen=True)
class MinuteOfReads:
    """One SCIM client's reads of one minute: how many, by method and outcome, and the SHA-256 of their rows as hex."""

    scim_client_id: UUID
    client_name: str
    minute: datetime
    count: int
    counts: Sequence[dict[str, Any]]
    digest: str


# Without the condition on reads: a tenant that only writes would be searched from ever farther back.
FIRST_OPEN: Final = """
SELECT date_trunc('minute', min(at), 'UTC') FROM scim_request_log
WHERE tenant_id = %(tenant)s AND at < %(until)s
  AND at >= coalesce((SELECT until FROM scim_reads_recorded WHERE tenant_id = %(tenant)s), '2000-01-01 00:00:00+00')
"""
# Two ledgers may meet here for a moment; the second waits and finds the minute recorded.
LOCK_MARK: Final = """
INSERT INTO scim_reads_recorded AS m (tenant_id, until) VALUES (%s, '2000-01-01 00:00:00+00')
ON CONFLICT (tenant_id) DO UPDATE SET until = m.until RETURNING until
"""
MOVE_MARK: Final = "UPDATE scim_reads_recorded SET until = %s WHERE tenant_id = %s"
# A row's canonical text is a JSON array as jsonb writes it; a minute's is its rows' in the order of time, a line each.
SUM: Final = """
WITH reads AS MATERIALIZED (
    SELECT scim_client_id, date_trunc('minute', at, 'UTC') AS minute, method, outcome, at, id,
           jsonb_build_array(id, (extract(epoch FROM at) * 1000000)::bigint, token_prefix, request_id, method, path,
                             query, status, outcome, address, resource_type, resource_id)::text AS line
    FROM scim_request_log
    WHERE tenant_id = %(tenant)s AND at >= %(since)s AND at < %(until)s AND scim_client_id IS NOT NULL
      AND (method IN ('GET', 'HEAD') OR method = 'POST' AND right(path, 8) = '/.search')
), counts AS (
    SELECT scim_client_id, minute, method, outcome, count(*) AS n FROM reads GROUP BY 1, 2, 3, 4
)
SELECT r.scim_client_id, coalesce(c.name, ''), r.minute, count(*),
       (SELECT jsonb_agg(jsonb_build_object('method', method, 'outcome', outcome, 'count', n)
                         ORDER BY method, outcome)::text
        FROM counts k WHERE (k.scim_client_id, k.minute) = (r.scim_client_id, r.minute)),
       encode(sha256(convert_to(string_agg(r.line, E'\\n' ORDER BY r.at, r.id), 'UTF8')), 'hex')
FROM reads r LEFT JOIN tenants_scim_client c ON c.tenant_id = %(tenant)s AND c.id = r.scim_client_id
GROUP BY r.scim_client_id, c.name, r.minute ORDER BY r.minute, r.scim_client_id
"""


def find_open_minute(*, until: datetime) -> datetime | None:
    """The first minute before `until` with log rows that are not recorded yet."""
    scope = current_scope()
    found: tuple[datetime | None] = scope.execute(FIRST_OPEN, {"tenant": scope.tenant_id, "until": until}).fetchone()
    return found[0]


def lock_reads_mark() -> datetime:
    """The moment up to which reads are recorded, locked."""
    scope = current_scope()
    marked: tuple[datetime] = scope.execute(LOCK_MARK, [scope.tenant_id]).fetchone()
    return marked[0]


def move_reads_mark(*, until: datetime) -> None:
    scope = current_scope()
    scope.execute(MOVE_MARK, [until, scope.tenant_id])


def sum_reads(*, since: datetime, until: datetime) -> list[MinuteOfReads]:
    """Reads per SCIM client and minute, from `since` to before `until`."""
    scope = current_scope()
    found = scope.execute(SUM, {"tenant": scope.tenant_id, "since": since, "until": until}).fetchall()
    return [
        MinuteOfReads(client_id, name, minute, count, orjson.loads(counts), digest)
        for client_id, name, minute, count, counts, digest in found
    ]
