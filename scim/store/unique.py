"""Values that are unique within a resource type of a tenant, because its schemas say so: a row of a key for each.

The database refuses the second row of a value, also when two writers come at once. (A userName and a group's
displayName are unique by columns of their own.)
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol.attributes import Uniqueness
from scim.protocol.filter.evaluate import values_at
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import ResourceType, derived_once
from scim.protocol.search_document import search_value

UniqueRow: TypeAlias = tuple[str, bytes]  # path, digest of the value as it is compared

_BUILT_IN: Final = frozenset(schema.id for schema in BUILT_IN.schemas)
# The primary key (tenant_id, resource_type, path, digest).
DELETE: Final = """
DELETE FROM scim_unique_value u USING unnest(%s::text[], %s::bytea[]) AS o(path, digest)
WHERE u.tenant_id = %s AND u.resource_type = %s AND u.path = o.path AND u.digest = o.digest AND u.resource_id = %s
"""
INSERT: Final = """
INSERT INTO scim_unique_value (tenant_id, resource_type, path, digest, resource_id)
SELECT %s, %s, n.path, n.digest, %s FROM unnest(%s::text[], %s::bytea[]) AS n(path, digest)
"""


@derived_once
def unique_paths(resource_type: ResourceType) -> tuple[AttributePath, ...]:
    """The attributes of defined schemas that have to be unique."""
    return tuple(
        path
        for path in resource_type.paths
        if path.leaf.uniqueness is not Uniqueness.NONE
        and (path.schema or resource_type.schema.id) not in _BUILT_IN
        and path.text != "id"
    )


def unique_rows(resource_type: ResourceType, document: JsonObject) -> frozenset[UniqueRow]:
    """The rows of a canonical document."""
    return frozenset(unique_values(resource_type, document))


def unique_values(resource_type: ResourceType, document: JsonObject) -> Mapping[UniqueRow, tuple[AttributePath, Json]]:
    """The same, each with its attribute and a value as the document has it."""
    return {
        (path.text, hashlib.sha256(orjson.dumps(value)).digest()): (path, found)
        for path in unique_paths(resource_type)
        for found in values_at(path, document)
        if (value := search_value(path.leaf, found)) is not None
    }


def replace_unique_rows(
    *, resource_type: str, resource_id: UUID, before: Iterable[UniqueRow], after: Iterable[UniqueRow]
) -> None:
    """Write what differs; no statement when nothing does. A value that is taken violates scim_unique_value_pkey."""
    kept, wanted = frozenset(before), frozenset(after)
    old, new, scope = sorted(kept - wanted), sorted(wanted - kept), current_scope()
    if old:
        scope.execute(DELETE, [*_columns(old), scope.tenant_id, resource_type, resource_id])
    if new:
        scope.execute(INSERT, [scope.tenant_id, resource_type, resource_id, *_columns(new)])


def _columns(rows: list[UniqueRow]) -> tuple[list[str], list[bytes]]:
    return [path for path, _ in rows], [digest for _, digest in rows]
