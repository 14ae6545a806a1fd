"""What the deletion of a resource does to memberships: those it has, and, of a group, those others have in it."""

from dataclasses import dataclass
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.resources import StoredResource, get_resource

LOCK_GROUPS = """
SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND id = ANY(ARRAY(
    SELECT group_id FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = %(resource)s
)) ORDER BY id FOR NO KEY UPDATE
"""
# Nobody adds it to a group from here on, for that takes FOR KEY SHARE.
LOCK_RESOURCE = "SELECT FROM scim_resource WHERE tenant_id = %(tenant)s AND id = %(resource)s FOR UPDATE"
GROUPS = "SELECT group_id FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = %(resource)s"
# No row is both: a group is never its own member.
DROP = """
WITH held AS (
    DELETE FROM scim_member WHERE tenant_id = %(tenant)s AND group_id = %(resource)s
), gone AS (
    DELETE FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = %(resource)s RETURNING group_id
)
SELECT group_id FROM gone ORDER BY group_id
"""


@dataclass(frozen=True)
class LockedForDeletion:
    """The groups that a resource is in, and the resource, None where there is no live one of that type."""

    group_ids: list[UUID]
    resource: StoredResource | None


def lock_for_deletion(*, resource_type: str, resource_id: UUID) -> LockedForDeletion:
    """Lock the groups that the resource is in, then the resource, and read it. First act of a scope that deletes.

    One round trip, unless somebody adds it to a further group right then: that group comes before the resource in the
    order of locks, so the locks are given back and taken anew.
    """
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "resource": resource_id}
    while True:
        scope.execute("SAVEPOINT lock_for_deletion", None)
        cursors = [scope.execute(statement, params) for statement in (LOCK_GROUPS, LOCK_RESOURCE, GROUPS)]
        found = get_resource(resource_type=resource_type, resource_id=resource_id)
        locked = [group_id for (group_id,) in cursors[0].fetchall()]
        if {group_id for (group_id,) in cursors[2].fetchall()} <= set(locked):
            return LockedForDeletion(locked, found.first())
        scope.execute("ROLLBACK TO SAVEPOINT lock_for_deletion", None)


def drop_memberships(*, resource_id: UUID) -> list[UUID]:
    """Remove every membership of a resource that lock_for_deletion has locked; gives the groups it was a member of."""
    scope = current_scope()
    cursor = scope.execute(DROP, {"tenant": scope.tenant_id, "resource": resource_id})
    return [group_id for (group_id,) in cursor.fetchall()]
