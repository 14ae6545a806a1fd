"""Which attributes of defined schemas have an index of their own, and how far each is: building, ready or failed.

What was stored before an index was asked for gets its rows in the background (`scim.store.index_building`); whoever
writes meanwhile writes its own. An attribute that is told nowhere has nothing to be built and is ready.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

import orjson
from django.db import connections

from labsninja.kernel.isolation import current_scope
from scim.protocol.attributes import AttributeType
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.schemas.tenant import IndexState
from scim.store.index import indexed_paths
from scim.store.unique import unique_paths

IndexKey: TypeAlias = tuple[str, str]  # resource type, path

_BUILT_IN: Final = frozenset(schema.id for schema in BUILT_IN.schemas)
# The primary keys (tenant_id, resource_type, path, ...).
DROP: Final = (
    "DELETE FROM scim_resource_index WHERE tenant_id = %s AND resource_type = %s AND path = %s",
    "DELETE FROM scim_unique_value WHERE tenant_id = %s AND resource_type = %s AND path = %s",
    "DELETE FROM scim_attribute_index WHERE tenant_id = %s AND resource_type = %s AND path = %s",
)
START: Final = """
INSERT INTO scim_attribute_index (tenant_id, resource_type, path, state, started_at)
SELECT %s, k.type, k.path, 'building', %s FROM unnest(%s::text[], %s::text[]) AS k(type, path)
ON CONFLICT (tenant_id, resource_type, path) DO UPDATE
SET state = 'building', position = DEFAULT, seen = DEFAULT, obstacles = DEFAULT, examples = DEFAULT,
    started_at = excluded.started_at, ended_at = NULL
"""
LIST: Final = """
SELECT resource_type, path, state, seen, obstacles, examples, started_at, ended_at FROM scim_attribute_index
WHERE tenant_id = %s ORDER BY resource_type, path
"""
TENANTS: Final = "SELECT scim_tenants_with_indexes_to_build()"


@dataclass(frozen=True)
class IndexKind:
    """What an index holds and is for: another kind of the same attribute has other rows."""

    type: AttributeType
    exact: bool
    finds: bool
    unique: bool


@dataclass(frozen=True)
class AttributeIndex:
    """One index as it is. `obstacles` counts resources whose value another has; `examples` are ids of such pairs."""

    resource_type: str
    path: str
    state: IndexState
    seen: int = 0
    obstacles: int = 0
    examples: tuple[tuple[UUID, UUID], ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None


def index_kinds(resource_types: Iterable[ResourceType]) -> Mapping[IndexKey, IndexKind]:
    """Every index that defined schemas ask for."""
    return {
        (known.name, path.text): IndexKind(
            path.leaf.type, path.leaf.compares_exactly, finds=path in found, unique=path in unique
        )
        for known in resource_types
        for found, unique in [(indexed_paths(known), unique_paths(known))]
        for path in dict.fromkeys((*found, *unique))
        if (path.schema or known.schema.id) not in _BUILT_IN
    }


def drop_index(key: IndexKey) -> None:
    """Take all rows of an index away."""
    scope = current_scope()
    for statement in DROP:
        scope.execute(statement, [scope.tenant_id, *key])


def start_building(*, keys: Iterable[IndexKey], at: datetime) -> None:
    """What is stored is to be looked at for these indexes, from the first resource on."""
    wanted, scope = sorted(keys), current_scope()
    if wanted:
        scope.execute(START, [scope.tenant_id, at, [name for name, _ in wanted], [path for _, path in wanted]])


def list_indexes() -> list[AttributeIndex]:
    """Those that are or have been built; costs a round trip."""
    scope = current_scope()
    rows = scope.execute(LIST, [scope.tenant_id]).fetchall()
    return [
        AttributeIndex(
            name, path, IndexState(state), seen, count, tuple((UUID(a), UUID(b)) for a, b in orjson.loads(text)), *times
        )
        for name, path, state, seen, count, text, *times in rows
    ]


def list_waiting_tenants() -> list[UUID]:
    """Ids of all tenants that have an index to build, through the look-up role."""
    with connections["default"].cursor() as cursor:
        cursor.execute(TENANTS)
        return [tenant_id for (tenant_id,) in cursor.fetchall()]
