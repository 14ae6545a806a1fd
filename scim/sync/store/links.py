"""Links: one row for each resource a connector has to do with. It says what is to be done, not how often.

What is new in the feed marks a link as pending; many changes before the next look are one look. A worker takes some,
and settles each with what came of it; whatever asked for another look in between leaves the link pending.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connections

from scim.sync.store import run_statement

FIRST_TYPE: Final = "User"  # of rank 0; everything else may refer to one
# The feed from the connector's place on, by scim_change_feed_seq_unique; its row is locked, so that nothing is marked
# twice or left out. A link that is being worked on stays with its worker, which sees that more is wanted.
FAN_OUT: Final = """
WITH place AS MATERIALIZED (
    SELECT position FROM sync_connector WHERE tenant_id = %(tenant)s AND id = %(connector)s AND kind = 'scim'
    FOR NO KEY UPDATE
), news AS MATERIALIZED (
    SELECT resource_id, resource_type, feed_seq FROM scim_change, place
    WHERE tenant_id = %(tenant)s AND feed_seq > position ORDER BY feed_seq LIMIT %(limit)s
), moved AS (
    UPDATE sync_connector SET position = (SELECT max(feed_seq) FROM news)
    WHERE tenant_id = %(tenant)s AND id = %(connector)s AND EXISTS (SELECT FROM news)
)
INSERT INTO sync_link AS l (tenant_id, connector_id, resource_id, resource_type, rank)
SELECT DISTINCT %(tenant)s::uuid, %(connector)s::uuid, resource_id, resource_type,
       CASE resource_type WHEN 'User' THEN 0 ELSE 1 END FROM news
ON CONFLICT (tenant_id, connector_id, resource_id) DO UPDATE SET
    wanted = l.wanted + 1, state = CASE l.state WHEN 'leased' THEN 'leased' ELSE 'pending' END,
    attempts = 0, next_attempt_at = clock_timestamp(), error_sig = NULL, reason = '', is_approved = false
"""
MARK: Final = """
INSERT INTO sync_link AS l (tenant_id, connector_id, resource_id, resource_type, rank, run_id, is_approved)
SELECT %(tenant)s::uuid, %(connector)s::uuid, id, type, CASE type WHEN 'User' THEN 0 ELSE 1 END, %(run)s, %(approved)s
FROM unnest(%(ids)s::uuid[], %(types)s::text[]) AS given (id, type)
ON CONFLICT (tenant_id, connector_id, resource_id) DO UPDATE SET
    wanted = l.wanted + 1, state = CASE l.state WHEN 'leased' THEN 'leased' ELSE 'pending' END,
    attempts = 0, next_attempt_at = clock_timestamp(), error_sig = NULL, reason = '',
    run_id = coalesce(%(run)s, l.run_id), is_approved = %(approved)s
"""
COLUMNS: Final = """
l.resource_id, l.resource_type, l.state, l.wanted, l.remote_id, l.is_ours, l.applied_hash, l.applied, l.chosen,
l.attempts, l.next_attempt_at, l.reason, l.error_sig, l.is_approved, l.run_id, l.changed_at
"""
# Index sync_link_due, users first. What belongs to a run that is paused waits with it.
CLAIM: Final = f"""
UPDATE sync_link l SET state = 'leased', lease_token = %(token)s, changed_at = clock_timestamp() FROM (
    SELECT resource_id FROM sync_link d
    WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state IN ('pending', 'retry')
      AND next_attempt_at <= clock_timestamp()
      AND NOT EXISTS (SELECT FROM sync_run r WHERE r.tenant_id = %(tenant)s AND r.id = d.run_id AND r.state = 'paused')
    ORDER BY rank, next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) due
WHERE l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s AND l.resource_id = due.resource_id
RETURNING {COLUMNS}
"""  # noqa: S608  # put together from our own texts alone
# Index sync_link_leased_now. Whoever was at it may have sent: another attempt looks before it creates.
TAKE_OVER: Final = """
UPDATE sync_link SET state = 'retry', lease_token = NULL, attempts = attempts + 1, next_attempt_at = clock_timestamp()
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state = 'leased'
"""
# Primary key. The lease of the connector is held in the same transaction; the token tells links of the worker before.
SETTLE: Final = """
UPDATE sync_link SET
    state = CASE WHEN wanted > %(wanted)s THEN 'pending' ELSE %(state)s END,
    lease_token = NULL, remote_id = %(remote_id)s, is_ours = %(is_ours)s, applied_hash = %(applied_hash)s,
    applied = %(applied)s, chosen = %(chosen)s, attempts = %(attempts)s,
    next_attempt_at = clock_timestamp() + %(wait)s, reason = %(reason)s,
    error_sig = CASE WHEN wanted > %(wanted)s THEN NULL ELSE %(error_sig)s END,
    is_approved = CASE WHEN wanted > %(wanted)s THEN is_approved ELSE false END, changed_at = clock_timestamp()
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_id = %(resource)s
  AND lease_token = %(token)s
"""
GIVE_BACK: Final = """
UPDATE sync_link SET state = 'pending', lease_token = NULL
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_id = ANY(%(ids)s)
  AND lease_token = %(token)s
"""
OF_RESOURCES: Final = f"""
SELECT {COLUMNS} FROM sync_link l
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_id = ANY(%(ids)s)
"""  # noqa: S608  # put together from our own texts alone
# Index sync_link_of_resource (tenant_id, resource_id).
OF_RESOURCE: Final = f"""
SELECT l.connector_id, {COLUMNS} FROM sync_link l WHERE tenant_id = %(tenant)s AND resource_id = %(resource)s
"""  # noqa: S608  # put together from our own texts alone
REMOTE: Final = """
SELECT resource_id, remote_id FROM sync_link
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_id = ANY(%(ids)s)
  AND remote_id IS NOT NULL
"""
COUNT: Final = """
SELECT state, count(*) FROM sync_link WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s GROUP BY state
"""
# Who is known over there, by sync_link_remote_unique.
COUNT_REMOTE: Final = """
SELECT count(*) FROM sync_link WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND remote_id IS NOT NULL
"""
# In all tenants: connectors with something due, by sync_link_due, none of which a worker has or was just asked for.
DUE: Final = """
SELECT c.tenant_id, c.id FROM sync_connector c JOIN tenants_tenant t ON t.id = c.tenant_id
WHERE c.state = 'active' AND t.state = 'active'
  AND (c.lease_until IS NULL OR c.lease_until <= clock_timestamp())
  AND (c.rung_at IS NULL OR c.rung_at <= clock_timestamp() - make_interval(secs => %(rest)s))
  AND (EXISTS (SELECT FROM sync_link l WHERE l.tenant_id = c.tenant_id AND l.connector_id = c.id
               AND l.state IN ('pending', 'retry') AND l.next_attempt_at <= clock_timestamp())
    OR EXISTS (SELECT FROM sync_link l WHERE l.tenant_id = c.tenant_id AND l.connector_id = c.id
               AND l.state = 'leased'))
ORDER BY c.rung_at NULLS FIRST
"""


@dataclass(frozen=True)
class Link:
    """A resource as a connector has it. `applied` is the document that was last written there, without members."""

    resource_id: UUID
    resource_type: str
    state: str = "pending"
    wanted: int = 1
    remote_id: str | None = None
    is_ours: bool = False
    applied_hash: bytes | None = None
    applied: Mapping[str, Any] | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    next_attempt_at: datetime | None = None
    reason: str = ""
    error_sig: str | None = None
    is_approved: bool = False
    run_id: UUID | None = None
    changed_at: datetime | None = None


def fan_out(*, connector_id: UUID, limit: int) -> int:
    """Mark what the next `limit` changes of the feed are about. Gives how many links were marked."""
    return int(run_statement(FAN_OUT, connector=connector_id, limit=limit).rowcount)


def mark_links(
    *, connector_id: UUID, resources: Mapping[UUID, str], run_id: UUID | None = None, is_approved: bool = False
) -> int:
    """Ask for another look at resources, ids with their types. Gives how many."""
    given = {"ids": list(resources), "types": list(resources.values()), "run": run_id, "approved": is_approved}
    return int(run_statement(MARK, connector=connector_id, **given).rowcount) if resources else 0


def take_over_links(*, connector_id: UUID) -> int:
    """Let go what a worker before had in hand, whose lease the caller has now. Gives how many."""
    return int(run_statement(TAKE_OVER, connector=connector_id).rowcount)


def claim_links(*, connector_id: UUID, token: UUID, limit: int) -> list[Link]:
    """At most `limit` that are due, in the hands of whoever has the connector's lease."""
    rows = run_statement(CLAIM, connector=connector_id, token=token, limit=limit).fetchall()
    return sorted(
        (read_link(row) for row in rows), key=lambda link: (link.resource_type != FIRST_TYPE, link.resource_id)
    )


def settle_link(*, connector_id: UUID, token: UUID, link: Link, wait: timedelta = timedelta()) -> bool:
    """Store what a link is now; False when it was no longer in the worker's hands. `wanted` is as it was claimed."""
    values = {
        "wanted": link.wanted,
        "state": link.state,
        "remote_id": link.remote_id,
        "is_ours": link.is_ours,
        "applied_hash": link.applied_hash,
        "applied": None if link.applied is None else orjson.dumps(link.applied).decode(),
        "chosen": orjson.dumps(link.chosen).decode(),
        "attempts": link.attempts,
        "wait": wait,
        "reason": link.reason,
        "error_sig": link.error_sig,
    }
    named = {"connector": connector_id, "resource": link.resource_id, "token": token}
    return bool(run_statement(SETTLE, **named, **values).rowcount)


def give_back_links(*, connector_id: UUID, token: UUID, resource_ids: Collection[UUID]) -> None:
    """What was claimed and not begun is due as before."""
    run_statement(GIVE_BACK, connector=connector_id, token=token, ids=list(resource_ids))


def read_links(*, connector_id: UUID, resource_ids: Collection[UUID]) -> Mapping[UUID, Link]:
    """Those that exist, by resource."""
    rows = run_statement(OF_RESOURCES, connector=connector_id, ids=list(resource_ids)).fetchall()
    return {link.resource_id: link for link in map(read_link, rows)}


def read_remote_ids(*, connector_id: UUID, resource_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """By what ids resources are known over there, those that are."""
    return dict(run_statement(REMOTE, connector=connector_id, ids=list(resource_ids)).fetchall())


def count_links(*, connector_id: UUID) -> Mapping[str, int]:
    """How many are in which state."""
    return dict(run_statement(COUNT, connector=connector_id).fetchall())


def read_links_of(*, resource_id: UUID) -> list[tuple[UUID, Link]]:
    """Those of one resource, with their connectors."""
    rows = run_statement(OF_RESOURCE, resource=resource_id).fetchall()
    return [(connector_id, read_link(row)) for connector_id, *row in rows]


def count_remote(*, connector_id: UUID) -> int:
    """How many resources are known over there."""
    return int(run_statement(COUNT_REMOTE, connector=connector_id).fetchone()[0])


def find_due_connectors(*, rest: timedelta) -> Sequence[tuple[UUID, UUID]]:
    """Tenants and connectors for which a worker is to be asked, and was not within `rest`. Call it in cross_tenant."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(DUE, {"rest": rest.total_seconds()})
        return list(cursor.fetchall())


def read_link(row: Sequence[Any]) -> Link:
    """The link of a row with COLUMNS."""
    found = dict(zip(Link.__dataclass_fields__, row, strict=True))
    found["applied"] = orjson.loads(found["applied"]) if found["applied"] is not None else None
    found["applied_hash"] = bytes(found["applied_hash"]) if found["applied_hash"] is not None else None
    return Link(**found | {"chosen": orjson.loads(found["chosen"])})
