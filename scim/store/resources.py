"""Resources by key: read, lock, insert, update, mark as deleted.

Every statement names the tenant itself, whatever row-level security adds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol.json_input import JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.definitions import ResourceType, derived_once
from scim.protocol.search_document import search_document, search_value
from scim.store.computed import PLAIN, Aspects
from scim.store.lookup import find_lookup

COLUMNS: Final = "r.id, r.resource_type, r.document, r.version, r.created_at, r.modified_at"
# Primary key (tenant_id, id).
GET = f"""
SELECT {COLUMNS}, {{computed}} FROM scim_resource r {{pieces}}
WHERE r.tenant_id = %(tenant)s AND r.id = %(id)s AND r.resource_type = %(type)s AND r.deleted_at IS NULL
"""  # noqa: S608  # put together from our own texts alone
# Not FOR UPDATE: whoever adds this resource to a group takes FOR KEY SHARE, which need not wait (scim.store.members).
LOCK = PLAIN.fill(f"{GET} FOR NO KEY UPDATE")
COMPUTED = "SELECT {computed} FROM scim_resource r {pieces} WHERE r.tenant_id = %(tenant)s AND r.id = %(id)s"
# Who comes or goes leaves a step by the same statement (scim.store.page_anchors).
INSERT = """
WITH created AS (
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, external_id, display_name, unique_name, active,
                           document, search, version, created_at, modified_at, scim_client_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, 1, %s, %s, %s)
RETURNING tenant_id, resource_type, id, version
)
INSERT INTO scim_page_step (tenant_id, resource_type, resource_id, version, number) SELECT *, 1 FROM created
"""
UPDATE = """
UPDATE scim_resource SET user_name = %s, external_id = %s, display_name = %s, unique_name = %s, active = %s,
                         document = %s, search = %s::jsonb, version = %s, modified_at = %s
WHERE tenant_id = %s AND id = %s
"""
# Index scim_resource_tombstone (tenant_id, resource_type, user_name) of deleted rows; the latest of that name.
FIND_TOMBSTONE = """
SELECT id, resource_type, document, version, created_at, modified_at FROM scim_resource
WHERE tenant_id = %s AND resource_type = %s AND user_name = %s AND deleted_at IS NOT NULL
ORDER BY deleted_at DESC LIMIT 1 FOR NO KEY UPDATE
"""
REVIVE = """
WITH revived AS (
    UPDATE scim_resource SET deleted_at = NULL, left_groups = NULL WHERE tenant_id = %s AND id = %s
    RETURNING tenant_id, resource_type, id, version
)
INSERT INTO scim_page_step (tenant_id, resource_type, resource_id, version, number)
SELECT tenant_id, resource_type, id, version + 1, 1 FROM revived
"""
TOUCH = "UPDATE scim_resource SET version = %s, modified_at = %s WHERE tenant_id = %s AND id = %s"
DELETE = """
WITH deleted AS (
    UPDATE scim_resource SET deleted_at = %s, modified_at = %s, version = version + 1, left_groups = %s
    WHERE tenant_id = %s AND id = %s
    RETURNING tenant_id, resource_type, id, version
)
INSERT INTO scim_page_step (tenant_id, resource_type, resource_id, version, number) SELECT *, -1 FROM deleted
"""


@dataclass(frozen=True)
class StoredResource:
    """A live resource as stored. `document` is JSON text without id and meta.

    `groups` and `members` are the elements of those JSON arrays in UTF-8, where they were asked for.
    """

    id: UUID
    resource_type: str
    document: str
    version: int
    created_at: datetime
    modified_at: datetime
    groups: bytes | None = None
    members: bytes | None = None


@dataclass(frozen=True)
class LookupColumns:
    """The folded values that a resource is found by, and `search`, its folded document as JSON text."""

    user_name: str | None = None
    external_id: str | None = None
    display_name: str | None = None
    unique_name: str | None = None
    active: bool | None = None
    search: str = "{}"

    @property
    def values(self) -> list[str | bool | None]:
        """In the order of the statements, without `search`."""
        return [self.user_name, self.external_id, self.display_name, self.unique_name, self.active]


class Answer:
    """Rows of a statement that may still be under way: read it after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def first(self) -> StoredResource | None:
        """The first resource, None when there is none. Further rows bring more of its members."""
        rows = self._cursor.fetchall()
        if not rows:
            return None
        found = StoredResource(*rows[0])
        return replace(found, members=_join_pieces(rows)) if len(rows) > 1 else found


def look_up_columns(resource_type: ResourceType, document: JsonObject, *, unique_name: bool = False) -> LookupColumns:
    """What a canonical document is found by; `unique_name` keeps its displayName unique within the tenant."""
    held: dict[str, Any] = {
        name: search_value(path.leaf, document[path.text])
        for path, name in _columns_of(resource_type)
        if path.text in document
    }
    search = orjson.dumps(search_document(resource_type, document)).decode()
    return LookupColumns(**held, unique_name=held.get("display_name") if unique_name else None, search=search)


@derived_once
def _columns_of(resource_type: ResourceType) -> tuple[tuple[AttributePath, str], ...]:
    found = ((path, find_lookup(path)) for path in resource_type.attributes)
    return tuple((path, column.name) for path, column in found if column)


def get_resource(*, resource_type: str, resource_id: UUID, aspects: Aspects = PLAIN) -> Answer:
    """The live resource of that type and id."""
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "id": resource_id, "type": resource_type, **aspects.params}
    return Answer(scope.execute(aspects.fill(GET), params))


def lock_resource(*, resource_type: str, resource_id: UUID) -> StoredResource | None:
    """The same, locked until the scope closes; costs a round trip."""
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "id": resource_id, "type": resource_type}
    return Answer(scope.execute(LOCK, params)).first()


def _join_pieces(rows: Sequence[Sequence[Any]]) -> bytes | None:
    """The members, in the last column of all rows."""
    return b"".join(row[-1] for row in rows) if rows[0][-1] is not None else None


class ComputedAnswer:
    """Computed attributes that may still be under way: asked for within the scope, read when it has closed."""

    def __init__(self, cursor: Any = None) -> None:
        self._cursor = cursor

    def add_to(self, resource: StoredResource) -> StoredResource:
        """The resource with them."""
        if self._cursor is None:
            return resource
        groups, members = self.read()
        return replace(resource, groups=groups, members=members)

    def read(self) -> tuple[bytes | None, bytes | None]:
        """Groups and members."""
        rows = self._cursor.fetchall()
        return (rows[0][0], _join_pieces(rows)) if rows else (None, None)


def get_computed(*, resource_id: UUID, aspects: Aspects) -> ComputedAnswer:
    """The computed attributes of a resource that is written in this scope; no statement where none is shown."""
    if not aspects.is_computed:
        return ComputedAnswer()
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "id": resource_id, **aspects.params}
    return ComputedAnswer(scope.execute(aspects.fill(COMPUTED), params))


def revive_tombstone(*, resource_type: str, user_name: str) -> StoredResource | None:
    """The resource that had this folded userName and was deleted last, alive again as it was; costs a round trip."""
    scope = current_scope()
    found = Answer(scope.execute(FIND_TOMBSTONE, [scope.tenant_id, resource_type, user_name])).first()
    if found is not None:
        restore_row(resource_id=found.id)
    return found


def restore_row(*, resource_id: UUID) -> None:
    """Let a resource that the caller has locked live again, in the version and with the columns it had."""
    scope = current_scope()
    scope.execute(REVIVE, [scope.tenant_id, resource_id])


def insert_resource(resource: StoredResource, *, lookup: LookupColumns, scim_client_id: UUID | None) -> None:
    """Store a new resource in its first version."""
    scope = current_scope()
    times = [resource.created_at, resource.modified_at]
    held = [resource.document, lookup.search, *times, scim_client_id]
    scope.execute(INSERT, [scope.tenant_id, resource.id, resource.resource_type, *lookup.values, *held])


def update_resource(resource: StoredResource, *, lookup: LookupColumns) -> None:
    """Store the document, version and time of a resource that the caller has locked."""
    scope = current_scope()
    held = [resource.document, lookup.search, resource.version, resource.modified_at]
    scope.execute(UPDATE, [*lookup.values, *held, scope.tenant_id, resource.id])


def touch_resource(resource: StoredResource, *, at: datetime) -> StoredResource:
    """The next version with the same document, of a resource that the caller has locked."""
    scope = current_scope()
    touched = replace(resource, version=resource.version + 1, modified_at=at)
    scope.execute(TOUCH, [touched.version, at, scope.tenant_id, resource.id])
    return touched


def mark_deleted(*, resource_id: UUID, at: datetime, groups: Sequence[UUID] = ()) -> None:
    """Leave a tombstone that knows the groups it was in; the id is never used for anybody else."""
    scope = current_scope()
    scope.execute(DELETE, [at, at, list(groups), scope.tenant_id, resource_id])
