"""Members that were named before they arrived: when they do, they find their groups.

A creation asks, without a round trip of its own, which groups wait for it; only when some do, attach_pending follows in
a scope of its own. A creation and a request that names its resource, under way at the same moment, do not see each
other: find_arrivals finds what they leave, for a duty that looks in from time to time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.folding import fold_text

# Index scim_member_pending. Ids and externalIds are compared exactly, userNames folded.
IS_NAMED = """
tenant_id = %(tenant)s AND member_id IS NULL AND folded = ANY(%(folded)s::text[])
AND (value = ANY(%(exact)s::text[]) OR folded = %(user_name)s::text)
"""
FIND_WAITING = f"SELECT DISTINCT group_id FROM scim_member WHERE {IS_NAMED} ORDER BY group_id"  # noqa: S608  # our own text
LOCK_WAITING = f"""
SELECT id FROM scim_resource
WHERE tenant_id = %(tenant)s AND id = ANY(ARRAY(SELECT group_id FROM scim_member WHERE {IS_NAMED}))
ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608  # our own text
# Of several names in one group one becomes the member, the id before others, whose place it would want; the rest goes,
# and all of it where the arrival is a member already or the membership would close a loop.
ATTACH = f"""
WITH RECURSIVE below (id) AS (
    SELECT %(resource)s::uuid
    UNION SELECT m.member_id FROM below b
    JOIN scim_member m ON m.tenant_id = %(tenant)s AND m.group_id = b.id AND m.member_type = 'Group'
), live AS MATERIALIZED (
    SELECT id, resource_type FROM scim_resource
    WHERE tenant_id = %(tenant)s AND id = %(resource)s AND deleted_at IS NULL FOR KEY SHARE
), due AS (
    SELECT group_id, value,
        row_number() OVER (PARTITION BY group_id ORDER BY value <> %(resource)s::uuid::text, value) = 1
        AND group_id NOT IN (SELECT id FROM below)
        AND NOT EXISTS (SELECT FROM scim_member h WHERE h.tenant_id = %(tenant)s AND h.group_id = p.group_id
                        AND h.member_id = %(resource)s) AS attaches
    FROM scim_member p WHERE {IS_NAMED} AND EXISTS (SELECT FROM live)
), attached AS (
    UPDATE scim_member m SET value = live.id::text, folded = NULL, member_id = live.id, member_type = resource_type,
        added_at = %(at)s
    FROM due, live WHERE m.tenant_id = %(tenant)s AND m.group_id = due.group_id AND m.value = due.value AND due.attaches
    RETURNING m.group_id
), surplus AS (
    DELETE FROM scim_member m USING due
    WHERE m.tenant_id = %(tenant)s AND m.group_id = due.group_id AND m.value = due.value AND NOT due.attaches
)
SELECT group_id FROM attached ORDER BY group_id
"""  # noqa: S608  # our own text
# Walks through the tenant's pending rows, which are few.
FIND_ARRIVALS = """
SELECT DISTINCT r.id, r.external_id, r.user_name
FROM scim_member p JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.deleted_at IS NULL
     AND r.resource_type = 'User' AND r.user_name = p.folded
WHERE p.tenant_id = %(tenant)s AND p.member_id IS NULL
UNION
SELECT r.id, r.external_id, r.user_name
FROM scim_member p JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.deleted_at IS NULL
     AND r.resource_type IN ('User', 'Group') AND r.external_id = p.value
WHERE p.tenant_id = %(tenant)s AND p.member_id IS NULL
ORDER BY 1 LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Arrival:
    """A User or Group and the names that pending members may have for it. `user_name` is folded."""

    resource_id: UUID
    external_id: str | None = None
    user_name: str | None = None


class WaitingGroups:
    """Ids of groups; read them after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def ids(self) -> list[UUID]:
        return [group_id for (group_id,) in self._cursor.fetchall()]


def find_waiting_groups(*, arrival: Arrival) -> WaitingGroups:
    """The groups in which the arrival is a pending member."""
    scope = current_scope()
    return WaitingGroups(scope.execute(FIND_WAITING, _names(arrival)))


def attach_pending(*, arrival: Arrival, at: datetime) -> list[UUID]:
    """Make the arrival a member where it was pending, locking those groups first; gives the groups that changed."""
    scope = current_scope()
    names = _names(arrival)
    scope.execute(LOCK_WAITING, names)
    cursor = scope.execute(ATTACH, {**names, "at": at, "resource": arrival.resource_id})
    return [group_id for (group_id,) in cursor.fetchall()]


def find_arrivals(*, limit: int) -> list[Arrival]:
    """At most `limit` live resources that pending members stand for."""
    scope = current_scope()
    cursor = scope.execute(FIND_ARRIVALS, {"tenant": scope.tenant_id, "limit": limit})
    return [Arrival(*row) for row in cursor.fetchall()]


def _names(arrival: Arrival) -> dict[str, Any]:
    exact = [name for name in (str(arrival.resource_id), arrival.external_id) if name]
    folded = [*map(fold_text, exact), *([arrival.user_name] if arrival.user_name else [])]
    return {"tenant": current_scope().tenant_id, "exact": exact, "folded": folded, "user_name": arrival.user_name}
