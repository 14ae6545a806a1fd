"""Who is held back from connectors: reading it, and letting it go."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope

ROW: Final = """
SELECT h.id, h.resource_id, h.kind, r.document, r.deleted_at IS NOT NULL, h.was_active, h.held_at, h.scim_client_id,
       h.state, h.settled_at, h.settled_by
FROM scim_hold h JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = h.resource_id
WHERE h.tenant_id = %(tenant)s
"""
# Index scim_hold_listed (tenant_id, state, held_at, id), read backward from where the page begins.
NEWEST: Final = f"""
{ROW} AND h.state = %(state)s AND (h.held_at, h.id) < (%(at)s, %(id)s) {{narrowed}}
ORDER BY h.held_at DESC, h.id DESC LIMIT %(limit)s
"""
# By name all who are held are sorted: thresholds keep that a part of the people.
BY_NAME: Final = f"""
{ROW} AND h.state = %(state)s AND (coalesce(r.user_name, ''), h.id) > (%(name)s, %(id)s) {{narrowed}}
ORDER BY coalesce(r.user_name, ''), h.id LIMIT %(limit)s
"""
NARROWED: Final = "AND strpos(r.user_name, %(text)s) > 0"
LOCK: Final = f"{ROW} AND h.id = %(id)s AND h.state = 'held' FOR UPDATE OF h SKIP LOCKED"
# The rest by scim_hold_open (tenant_id, resource_id), which has open ones alone, or scim_hold_listed.
IDS: Final = """
SELECT id FROM scim_hold WHERE tenant_id = %(tenant)s AND state = 'held' AND (%(all)s OR id = ANY(%(ids)s))
ORDER BY held_at, id
"""
COUNT: Final = "SELECT count(*) FROM scim_hold WHERE tenant_id = %(tenant)s AND state = 'held'"
SETTLE: Final = """
UPDATE scim_hold SET state = %(state)s, settled_at = %(at)s, settled_by = %(by)s
WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) AND state = 'held' RETURNING resource_id
"""
CLEAR: Final = "DELETE FROM scim_departure WHERE tenant_id = %(tenant)s AND minute < %(before)s"
TELL: Final = """
WITH told AS (
    UPDATE scim_hold SET told_at = %(at)s
    WHERE tenant_id = %(tenant)s AND state = 'held' AND told_at IS NULL RETURNING id, resource_id
)
SELECT (SELECT array_agg(resource_id) FROM told), (SELECT min(id::text) FROM told),
       EXISTS (SELECT FROM scim_hold WHERE tenant_id = %(tenant)s AND state = 'held' AND told_at IS NOT NULL)
"""
HELD: Final = """
SELECT resource_id, kind FROM scim_hold
WHERE tenant_id = %(tenant)s AND resource_id = ANY(%(resources)s) AND state = 'held'
"""
HELD_MEMBERS: Final = """
SELECT r.id FROM scim_hold h JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = h.resource_id
WHERE h.tenant_id = %(tenant)s AND h.state = 'held' AND h.kind = 'deletion' AND %(group)s = ANY(r.left_groups)
"""


@dataclass(frozen=True)
class Hold:
    """Somebody who left and whose leaving is kept from connectors; `name` is their userName, '' when it was purged."""

    id: UUID
    resource_id: UUID
    kind: str
    name: str
    is_deleted: bool
    was_active: bool
    held_at: datetime
    scim_client_id: UUID | None
    state: str
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True)
class HoldPosition:
    """Behind which row a page begins: by time, or by folded name where that is given."""

    id: UUID
    at: datetime | None = None
    name: str = ""


@dataclass(frozen=True)
class Untold:
    """What operators have not been told: whose ids, a key of the first, and whether it goes on from what they know."""

    resource_ids: Collection[UUID]
    key: str
    goes_on: bool


def read_holds(*, position: HoldPosition, by_name: bool, state: str, limit: int, text: str = "") -> list[Hold]:
    """A page of the bound tenant's; `text` is folded and sought anywhere in a name."""
    statement = (BY_NAME if by_name else NEWEST).format(narrowed=NARROWED if text else "")
    start = {"at": position.at, "name": position.name, "id": position.id}
    return [_read(row) for row in _run(statement, state=state, limit=limit, text=text, **start).fetchall()]


def lock_hold(*, hold_id: UUID) -> Hold | None:
    """One that is open and that nobody else is settling right now, locked until the scope closes."""
    row = _run(LOCK, id=hold_id).fetchone()
    return row and _read(row)


def list_open_holds(*, hold_ids: Collection[UUID] | None) -> list[UUID]:
    """Which of these are open, oldest first; of all when None."""
    found = _run(IDS, all=hold_ids is None, ids=list(hold_ids or ()))
    return [hold_id for (hold_id,) in found.fetchall()]


def count_open_holds() -> int:
    """How many people are held back."""
    return int(_run(COUNT).fetchone()[0])


def settle_holds(*, hold_ids: Collection[UUID], state: str, at: datetime, by: str) -> list[UUID]:
    """Close those that are open; gives of whom."""
    return [found for (found,) in _run(SETTLE, ids=list(hold_ids), state=state, at=at, by=by).fetchall()]


def forget_departures(*, before: datetime) -> None:
    """Whoever left before is counted no longer."""
    _run(CLEAR, before=before)


def take_untold(*, at: datetime) -> Untold | None:
    """Who is held back and was not told of, once; None when there is nobody."""
    ids, key, goes_on = _run(TELL, at=at).fetchone()
    return Untold(ids, key, goes_on) if ids else None


def read_held(*, resource_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Which of these are held back, and what of: a deactivation or a deletion."""
    return dict(_run(HELD, resources=list(resource_ids)).fetchall())


def read_held_members(*, group_id: UUID) -> frozenset[UUID]:
    """People who left the group only because their deletion is held back."""
    return frozenset(found for (found,) in _run(HELD_MEMBERS, group=group_id).fetchall())


def _run(statement: str, **params: Any) -> Any:
    scope = current_scope()
    return scope.execute(statement, {"tenant": scope.tenant_id, **params})


def _read(row: tuple[Any, ...]) -> Hold:
    hold_id, resource_id, kind, document, *rest = row
    return Hold(hold_id, resource_id, kind, orjson.loads(document).get("userName", ""), *rest)
