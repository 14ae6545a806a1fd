"""The directory at a moment, from the change rows: a resource is what its newest version until then made of it, and a
group's members are what all versions up to that one added and removed.

Versions decide, not times: of two writes of one resource the later version may carry the earlier time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope

# Index scim_change_version_unique (tenant_id, resource_id, version); one resource is a range of one id.
STATES: Final = """
SELECT resource_id, resource_type, version, after FROM (
    SELECT DISTINCT ON (resource_id) resource_id, resource_type, version, after FROM scim_change
    WHERE tenant_id = %(tenant)s AND resource_id >= %(first)s AND resource_id <= %(last)s AND at <= %(at)s
    ORDER BY resource_id, version DESC
) s WHERE after IS NOT NULL
"""
MEMBERS: Final = """
SELECT resource_id, members FROM scim_change c
WHERE tenant_id = %(tenant)s AND resource_id >= %(first)s AND resource_id <= %(last)s AND members IS NOT NULL
  AND version <= (
    SELECT max(n.version) FROM scim_change n
    WHERE n.tenant_id = %(tenant)s AND n.resource_id = c.resource_id AND n.at <= %(at)s
) ORDER BY resource_id, version
"""
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True)
class ResourceState:
    """A resource as it was: its document without id and meta, and a group's members by their ids."""

    resource_type: str
    version: int
    document: Mapping[str, Any]
    members: frozenset[str] = frozenset()


def read_states(*, at: datetime, resource_id: UUID | None = None) -> dict[UUID, ResourceState]:
    """What lived in the bound tenant at a moment, or the one resource if it did."""
    scope = current_scope()
    bounds = {"first": resource_id or FIRST, "last": resource_id or LAST}
    params = {"tenant": scope.tenant_id, "at": at, **bounds}
    states = scope.execute(STATES, params).fetchall()
    members: dict[UUID, set[str]] = {}
    for group_id, text in scope.execute(MEMBERS, params).fetchall():
        told = orjson.loads(text)
        held = members.setdefault(group_id, set())
        held.difference_update(told["removed"])
        held.update(told["added"])
    return {
        found: ResourceState(name, version, orjson.loads(after), frozenset(members.get(found, ())))
        for found, name, version, after in states
    }
