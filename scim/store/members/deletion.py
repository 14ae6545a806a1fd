"""What the deletion of a resource does to memberships: those it has, and, of a group, those others have in it."""

from dataclasses import dataclass
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.resources import COLUMNS, StoredResource, get_resource

LOCK_GROUPS = f"""
SELECT {COLUMNS} FROM scim_resource r WHERE tenant_id = %(tenant)s AND id = ANY(ARRAY(
    SELECT group_id FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = %(resource)s
)) ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608  # our own texts alone
# Nobody adds it to a group from here on, for that takes FOR KEY SHARE.
LOCK_RESOURCE = "SELECT FROM scim_resource WHERE tenant_id = %(tenant)s AND id = %(resource)s FOR UPDATE"
GROUPS = "SELECT group_id FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = %(resource)s"
# No row is both: a group is never its own member.
DROP = """
WITH held AS (
    DELETE FROM scim_member WHERE tenant_id = %(tenant)s AND group_id = %(resource)s
)
DELETE FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = %(resource)s
"""


@dataclass(frozen=True)
class LockedForDeletion:
    """The groups that a resource is in, and the resource, None where there is no live one of that type."""

    groups: list[StoredResource]
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
        locked = {group.id: group for group in (StoredResource(*row) for row in cursors[0].fetchall())}
        group_ids = {group_id for (group_id,) in cursors[2].fetchall()}
        if group_ids <= locked.keys():
            return LockedForDeletion([locked[group_id] for group_id in sorted(group_ids)], found.first())
        scope.execute("ROLLBACK TO SAVEPOINT lock_for_deletion", None)


def drop_memberships(*, resource_id: UUID) -> None:
    """Remove every membership of a resource that lock_for_deletion has locked."""
    scope = current_scope()
    scope.execute(DROP, {"tenant": scope.tenant_id, "resource": resource_id})
