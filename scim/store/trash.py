"""What was deleted and can be restored: tombstones that still have their values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.store.resources import COLUMNS, StoredResource

IN_TRASH: Final = "r.tenant_id = %(tenant)s AND r.deleted_at IS NOT NULL AND r.purged_at IS NULL"
NAME: Final = 'coalesce(r.user_name, r.display_name, r.external_id, r.id::text) COLLATE "C"'
ROW: Final = "r.id, r.resource_type, r.document, r.deleted_at, r.scim_client_id"
# Newest first by scim_resource_trash (tenant_id, deleted_at, id), read backward from where the page begins.
NEWEST: Final = f"""
SELECT {ROW}, '' FROM scim_resource r
WHERE {IN_TRASH} AND (r.deleted_at, r.id) < (%(at)s, %(id)s) {{narrowed}}
ORDER BY r.deleted_at DESC, r.id DESC LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
# By name what lies in the trash is sorted as a whole: retention bounds how much that is.
BY_NAME: Final = f"""
SELECT {ROW}, {NAME} FROM scim_resource r
WHERE {IN_TRASH} AND ({NAME}, r.id) > (%(name)s, %(id)s) {{narrowed}}
ORDER BY {NAME}, r.id LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
NARROWED: Final = {
    "text": f"AND strpos({NAME}, %(text)s) > 0",
    "resource_type": "AND r.resource_type = %(resource_type)s",
}
# Primary key (tenant_id, id).
FIND: Final = f"SELECT {ROW}, '' FROM scim_resource r WHERE {IN_TRASH} AND r.id = %(id)s"  # noqa: S608  # our own texts
GROUPS: Final = f"SELECT r.left_groups FROM scim_resource r WHERE {IN_TRASH} AND r.id = %(id)s"  # noqa: S608  # our own texts
LOCK: Final = f"SELECT {COLUMNS} FROM scim_resource r WHERE {IN_TRASH} AND r.id = %(id)s FOR UPDATE"  # noqa: S608  # our own texts
# The id and the type stay, so that nothing gets the id again; the oldest first by scim_resource_trash. Who is held
# back can still be brought back.
PURGE: Final = f"""
UPDATE scim_resource SET purged_at = %(now)s, document = '{{}}', search = '{{}}'::jsonb, user_name = NULL,
    external_id = NULL, display_name = NULL, unique_name = NULL, active = NULL, left_groups = NULL
WHERE tenant_id = %(tenant)s AND id = ANY(ARRAY(
    SELECT r.id FROM scim_resource r WHERE {IN_TRASH} AND r.deleted_at < %(before)s AND NOT EXISTS (
        SELECT FROM scim_hold h WHERE h.tenant_id = %(tenant)s AND h.resource_id = r.id AND h.state = 'held'
    ) ORDER BY r.deleted_at, r.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)) RETURNING id, resource_type
"""  # noqa: S608  # put together from our own texts alone


@dataclass(frozen=True)
class Tombstone:
    """One of them; `name` is what people know it by, `sort_name` the folded one where a list was asked for by it."""

    id: UUID
    resource_type: str
    name: str
    deleted_at: datetime
    scim_client_id: UUID | None
    sort_name: str = ""


@dataclass(frozen=True)
class TrashPosition:
    """Behind which row a page begins: by time, or by name where that is given."""

    id: UUID
    at: datetime | None = None
    name: str = ""


def read_trash(
    *, position: TrashPosition, by_name: bool, limit: int, text: str = "", resource_type: str = ""
) -> list[Tombstone]:
    """A page of the bound tenant's trash; `text` is folded and sought anywhere in a name."""
    wanted = {"text": text, "resource_type": resource_type}
    narrowed = " ".join(NARROWED[name] for name, value in wanted.items() if value)
    statement = (BY_NAME if by_name else NEWEST).format(narrowed=narrowed)
    start = {"at": position.at, "name": position.name, "id": position.id}
    scope = current_scope()
    return [
        _read(row) for row in scope.execute(statement, {"tenant": scope.tenant_id, "limit": limit, **start, **wanted})
    ]


def find_tombstone(*, resource_id: UUID) -> Tombstone | None:
    """One that can be restored."""
    scope = current_scope()
    row = scope.execute(FIND, {"tenant": scope.tenant_id, "id": resource_id}).fetchone()
    return row and _read(row)


def list_left_groups(*, resource_id: UUID) -> Sequence[UUID]:
    """The groups that it was in, in the order of locks."""
    scope = current_scope()
    row = scope.execute(GROUPS, {"tenant": scope.tenant_id, "id": resource_id}).fetchone()
    return sorted((row and row[0]) or ())


def lock_tombstone(*, resource_id: UUID) -> StoredResource | None:
    """As it was deleted, locked until the scope closes."""
    scope = current_scope()
    row = scope.execute(LOCK, {"tenant": scope.tenant_id, "id": resource_id}).fetchone()
    return row and StoredResource(*row)


def purge_tombstones(*, before: datetime, now: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Let go of the values of those deleted before; gives ids and types."""
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "before": before, "now": now, "limit": limit}
    return [(found, name) for found, name in scope.execute(PURGE, params).fetchall()]


def _read(row: tuple[UUID, str, str, datetime, UUID | None, str]) -> Tombstone:
    found, resource_type, document, deleted_at, client_id, sort_name = row
    held = orjson.loads(document)
    name = held.get("userName") or held.get("displayName") or held.get("externalId") or str(found)
    return Tombstone(found, resource_type, name, deleted_at, client_id, sort_name)
