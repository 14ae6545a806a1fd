"""The rows of an index for what was stored before it was asked for: a batch of resources in a short transaction.

The builder holds the definitions as writers do, so none changes under a batch. It looks for resources that have a
value, locks those and reads them again: a writer is either before, and its document is what is read, or waits, and
takes the rows for its own. Where a batch ended stands in the row of the index, written with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.schemas.tenant import IndexState
from scim.store.index import index_rows
from scim.store.unique import unique_rows

MOST_EXAMPLES: Final = 10
# Whoever finds them locked leaves them to the other builder.
CLAIM: Final = """
SELECT resource_type, path, position FROM scim_attribute_index
WHERE tenant_id = %s AND state = 'building' ORDER BY resource_type, position FOR UPDATE SKIP LOCKED
"""
# Index scim_resource_live.
PAGE: Final = """
SELECT ARRAY(SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = %(type)s
             AND deleted_at IS NULL AND id > %(after)s ORDER BY id LIMIT %(limit)s)
"""
# The primary key; of a page those alone that mention one of the URNs, all of them without any.
READ: Final = """
SELECT id, document FROM scim_resource
WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL
  AND (%(all)s OR EXISTS (SELECT FROM unnest(%(urns)s::text[]) AS u(urn) WHERE strpos(document, u.urn) > 0))
ORDER BY id FOR NO KEY UPDATE
"""
INDEX: Final = """
INSERT INTO scim_resource_index (tenant_id, resource_type, path, value, resource_id)
SELECT %s, %s, n.path, n.value, n.id FROM unnest(%s::text[], %s::text[], %s::uuid[]) AS n(path, value, id)
ON CONFLICT DO NOTHING
"""
# The first who has a value gets the row. Waits for a writer who is about to write the same one.
UNIQUE: Final = """
INSERT INTO scim_unique_value (tenant_id, resource_type, path, digest, resource_id)
SELECT %s, %s, n.path, n.digest, n.id FROM unnest(%s::text[], %s::bytea[], %s::uuid[]) AS n(path, digest, id)
ORDER BY n.path, n.digest, n.id ON CONFLICT DO NOTHING
"""
# The primary key (tenant_id, resource_type, path, digest): who has the values of this batch, if others do.
TAKEN: Final = """
SELECT n.path, n.id, u.resource_id FROM unnest(%s::text[], %s::bytea[], %s::uuid[]) AS n(path, digest, id)
JOIN scim_unique_value u ON u.tenant_id = %s AND u.resource_type = %s AND u.path = n.path AND u.digest = n.digest
WHERE u.resource_id <> n.id ORDER BY n.id
"""
MOVE: Final = """
UPDATE scim_attribute_index SET position = %s, seen = seen + %s, obstacles = obstacles + %s, examples = %s
WHERE tenant_id = %s AND resource_type = %s AND path = %s
"""
EXAMPLES: Final = """
SELECT path, examples FROM scim_attribute_index WHERE tenant_id = %s AND resource_type = %s AND path = ANY(%s)
"""
END: Final = """
UPDATE scim_attribute_index SET state = CASE WHEN obstacles > 0 THEN 'failed' ELSE 'ready' END, ended_at = %s
WHERE tenant_id = %s AND resource_type = %s AND path = ANY(%s) RETURNING path, state, obstacles
"""


@dataclass(frozen=True)
class Build:
    """Indexes of one resource type that are equally far."""

    resource_type: str
    paths: frozenset[str]
    position: UUID


@dataclass(frozen=True)
class Ended:
    """An index that is complete, or as complete as it gets."""

    path: str
    state: IndexState
    obstacles: int


def claim_build() -> Build | None:
    """What the bound tenant's next batch is for, locked until the scope closes; None when there is nothing."""
    scope = current_scope()
    rows = scope.execute(CLAIM, [scope.tenant_id]).fetchall()
    if not rows:
        return None
    name, _, position = rows[0]
    return Build(name, frozenset(path for other, path, at in rows if (other, at) == (name, position)), position)


def build_rows(*, build: Build, resource_type: ResourceType, limit: int) -> int:
    """Look at the next `limit` resources; gives how many there were: fewer are the last."""
    scope = current_scope()
    named = {"tenant": scope.tenant_id, "type": build.resource_type}
    ((ids,),) = scope.execute(PAGE, {**named, "after": build.position, "limit": limit}).fetchall()
    if ids:
        urns = {path.schema for path in resource_type.paths if path.text in build.paths}
        asked = {"all": None in urns, "urns": sorted(urn for urn in urns if urn), "ids": ids}
        found = scope.execute(READ, {**named, **asked}).fetchall()
        documents = [(resource_id, orjson.loads(text)) for resource_id, text in found]
        _insert_index_rows(build, resource_type, documents)
        taken = _insert_unique_rows(build, resource_type, documents)
        _move(build, taken, seen=len(ids), position=ids[-1])
    return len(ids)


def end_build(*, build: Build, at: datetime) -> list[Ended]:
    """Every resource has been looked at: each index is ready, or failed where values occur more than once."""
    scope = current_scope()
    rows = scope.execute(END, [at, scope.tenant_id, build.resource_type, sorted(build.paths)]).fetchall()
    return [Ended(path, IndexState(state), obstacles) for path, state, obstacles in rows]


def _insert_index_rows(build: Build, resource_type: ResourceType, documents: Iterable[tuple[UUID, JsonObject]]) -> None:
    rows = [
        (path, value, resource_id)
        for resource_id, document in documents
        for path, value in index_rows(resource_type, document)
        if path in build.paths
    ]
    if rows:
        scope = current_scope()
        scope.execute(INDEX, [scope.tenant_id, build.resource_type, *map(list, zip(*rows, strict=True))])


def _insert_unique_rows(
    build: Build, resource_type: ResourceType, documents: Iterable[tuple[UUID, JsonObject]]
) -> Mapping[str, Sequence[tuple[UUID, UUID]]]:
    """By path whoever has a value that another has already, with that other."""
    rows = [
        (path, digest, resource_id)
        for resource_id, document in documents
        for path, digest in unique_rows(resource_type, document)
        if path in build.paths
    ]
    taken: dict[str, dict[UUID, UUID]] = {}
    if rows:
        scope, columns = current_scope(), [list(column) for column in zip(*rows, strict=True)]
        scope.execute(UNIQUE, [scope.tenant_id, build.resource_type, *columns])
        found = scope.execute(TAKEN, [*columns, scope.tenant_id, build.resource_type]).fetchall()
        for path, resource_id, owner in found:
            taken.setdefault(path, {})[resource_id] = owner
    return {path: list(pairs.items()) for path, pairs in taken.items()}


def _move(build: Build, taken: Mapping[str, Sequence[tuple[UUID, UUID]]], *, seen: int, position: UUID) -> None:
    scope, key = current_scope(), [current_scope().tenant_id, build.resource_type]
    held = scope.execute(EXAMPLES, [*key, sorted(build.paths)]).fetchall()
    for path, examples in held:
        pairs = taken.get(path, ())
        told = [*orjson.loads(examples), *([str(one), str(other)] for one, other in pairs)][:MOST_EXAMPLES]
        scope.execute(MOVE, [position, seen, len(pairs), orjson.dumps(told).decode(), *key, path])
