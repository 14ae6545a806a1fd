"""The feed of a tenant: its changes numbered from 1 on without a gap, in an order in which each can be applied.

Numbers are given after the commit by one writer at a time, which holds the tenant's row of scim_feed: ids and times are
of the moment of writing, and a reader that goes by them passes over what commits late.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections

from labsninja.kernel.isolation import current_scope

# A skip scan of the partial index scim_change_undispatched: one look-up per tenant that has something waiting.
TENANTS: Final = """
WITH RECURSIVE waiting AS (
    (SELECT tenant_id FROM scim_change WHERE dispatched_at IS NULL ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT c.tenant_id FROM scim_change c WHERE c.dispatched_at IS NULL AND c.tenant_id > w.tenant_id
            ORDER BY c.tenant_id LIMIT 1)
    FROM waiting w WHERE w.tenant_id IS NOT NULL
) SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL
"""
LOCK: Final = """
INSERT INTO scim_feed (tenant_id, last) VALUES (%s, 0)
ON CONFLICT (tenant_id) DO UPDATE SET last = scim_feed.last RETURNING last
"""
# By the same index, so that what is long numbered costs nothing. Who is held back from connectors is held back here, by
# scim_hold_open (tenant_id, resource_id), with everything of theirs that has no number yet. Where clocks of two
# processes differ, ids of one resource may stand against its versions: those change places, and one whose predecessor
# is not among them waits.
NUMBER: Final = """
WITH due AS MATERIALIZED (
    SELECT id, resource_id, version FROM scim_change c
    WHERE tenant_id = %(tenant)s AND dispatched_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM scim_hold h
        WHERE h.tenant_id = %(tenant)s AND h.resource_id = c.resource_id AND h.state = 'held')
    ORDER BY id LIMIT %(limit)s
), ready AS (
    SELECT id, resource_id, row_number() OVER (ORDER BY id) AS place,
           row_number() OVER (PARTITION BY resource_id ORDER BY id) AS by_id,
           row_number() OVER (PARTITION BY resource_id ORDER BY version) AS by_version
    FROM due d WHERE NOT EXISTS (
        SELECT 1 FROM scim_change p
        WHERE p.tenant_id = %(tenant)s AND p.resource_id = d.resource_id AND p.version < d.version
          AND p.dispatched_at IS NULL AND p.id NOT IN (SELECT id FROM due))
)
UPDATE scim_change c SET dispatched_at = clock_timestamp(), feed_seq = %(last)s + own.place
FROM ready later JOIN ready own ON own.resource_id = later.resource_id AND own.by_id = later.by_version
WHERE c.tenant_id = %(tenant)s AND c.id = later.id
"""
MOVE: Final = "UPDATE scim_feed SET last = last + %s WHERE tenant_id = %s"
# The unique index scim_change_feed_seq_unique (tenant_id, feed_seq), from the place on.
READ: Final = """
SELECT feed_seq, id, resource_id, resource_type, version, kind, at, request_id, before, after, members
FROM scim_change WHERE tenant_id = %s AND feed_seq > %s ORDER BY feed_seq LIMIT %s
"""


@dataclass(frozen=True)
class FeedEntry:
    """One numbered change; documents are JSON text, None where the resource did not exist."""

    number: int
    id: UUID
    resource_id: UUID
    resource_type: str
    version: int
    kind: str
    at: datetime
    request_id: str
    before: str | None
    after: str | None
    members: str | None


def find_waiting_tenants() -> list[UUID]:
    """Tenants with changes that have no number yet. Call it inside cross_tenant."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(TENANTS)
        return [tenant_id for (tenant_id,) in cursor.fetchall()]


def number_changes(*, limit: int) -> int:
    """Number at most `limit` changes of the scope's tenant. Gives how many."""
    scope = current_scope()
    (last,) = scope.execute(LOCK, [scope.tenant_id]).fetchone()
    done = scope.execute(NUMBER, {"tenant": scope.tenant_id, "last": last, "limit": limit})
    number = int(done.rowcount)
    if number:
        scope.execute(MOVE, [number, scope.tenant_id])
    return number


def read_entries(*, after: int, limit: int) -> Any:
    """The answer with at most `limit` rows of the scope's tenant behind the number `after`, in order; each makes a
    FeedEntry.
    """
    scope = current_scope()
    return scope.execute(READ, [scope.tenant_id, after, limit])
