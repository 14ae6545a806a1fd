"""The groups a resource is in, for the computed attribute `groups` (RFC 7643 section 4.1.2): directly, or through the
nesting of groups.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.chosen import Ids, place_ids

# Each step up is one look-up in scim_member_groups_of, and each group one by its key: OFFSET 0 leaves the planner no
# other way, who would read all memberships of a small tenant. Nesting has no loops; the bound is for what a restored
# backup or a defect might bring.
DEEPEST = 32
GROUPS_OF = f"""
WITH RECURSIVE above (resource_id, group_id, depth) AS (
    SELECT m.member_id, m.group_id, 1 FROM scim_member m
    WHERE m.tenant_id = %(tenant)s AND m.member_id = ANY(%(resources)s::uuid[])
    UNION
    SELECT a.resource_id, m.group_id, a.depth + 1
    FROM above a CROSS JOIN LATERAL (
        SELECT group_id FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = a.group_id OFFSET 0
    ) AS m
    WHERE a.depth < {DEEPEST}
), nearest AS (
    SELECT resource_id, group_id, min(depth) = 1 AS is_direct FROM above GROUP BY resource_id, group_id
)
SELECT n.resource_id, n.group_id, n.is_direct, r.document::json ->> 'displayName'
FROM nearest n CROSS JOIN LATERAL (
    SELECT document FROM scim_resource WHERE tenant_id = %(tenant)s AND id = n.group_id AND deleted_at IS NULL OFFSET 0
) AS r
ORDER BY n.resource_id, n.group_id
"""  # noqa: S608  # a number of our own


@dataclass(frozen=True)
class GroupOf:
    """A group that a resource is in. `type` is direct or indirect, as the RFC has it."""

    id: UUID
    type: str
    display: str | None


class GroupsOf:
    """The groups of several resources; read them after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def by_resource(self) -> dict[UUID, list[GroupOf]]:
        """In the order of the groups' ids; a resource in no group is left out."""
        found: dict[UUID, list[GroupOf]] = {}
        for resource_id, group_id, is_direct, display in self._cursor.fetchall():
            group = GroupOf(group_id, "direct" if is_direct else "indirect", display)
            found.setdefault(resource_id, []).append(group)
        return found


def list_groups_of_many(*, resource_ids: Ids) -> GroupsOf:
    """The groups of each resource, direct and indirect, in one statement."""
    scope = current_scope()
    statement, params = place_ids(GROUPS_OF, "resources", resource_ids)
    return GroupsOf(scope.execute(statement, {**params, "tenant": scope.tenant_id}))


def list_groups_of(*, resource_id: UUID) -> list[GroupOf]:
    """The same for one resource; costs a round trip."""
    return list_groups_of_many(resource_ids=[resource_id]).by_resource().get(resource_id, [])
