"""Upwards from a resource: every group that it is in, and through which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.computed import DEEPEST

MOST_STEPS: Final = 2_000
# Each step up is one look-up in scim_member_groups_of, and each group one by its key.
STEPS: Final = f"""
WITH RECURSIVE above (member_id, group_id, added_at, depth) AS (
    SELECT m.member_id, m.group_id, m.added_at, 1 FROM scim_member m
    WHERE m.tenant_id = %(tenant)s AND m.member_id = %(resource)s
    UNION
    SELECT m.member_id, m.group_id, m.added_at, a.depth + 1
    FROM above a CROSS JOIN LATERAL (
        SELECT member_id, group_id, added_at FROM scim_member
        WHERE tenant_id = %(tenant)s AND member_id = a.group_id OFFSET 0
    ) AS m
    WHERE a.depth < {DEEPEST}
), nearest AS (
    SELECT member_id, group_id, added_at, min(depth) AS depth FROM above GROUP BY member_id, group_id, added_at
    ORDER BY depth, group_id LIMIT {MOST_STEPS}
)
SELECT n.member_id, n.group_id, coalesce(g.document::json ->> 'displayName', ''), n.added_at
FROM nearest n CROSS JOIN LATERAL (
    SELECT document FROM scim_resource
    WHERE tenant_id = %(tenant)s AND id = n.group_id AND deleted_at IS NULL OFFSET 0
) AS g ORDER BY n.depth, n.group_id
"""  # noqa: S608  # numbers of our own


@dataclass(frozen=True)
class StepUp:
    """`member_id` has been a member of the group since `added_at`."""

    member_id: UUID
    group_id: UUID
    group_name: str
    added_at: datetime


def read_steps_up(*, resource_id: UUID) -> Sequence[StepUp]:
    """The nearest first, at most MOST_STEPS."""
    scope = current_scope()
    rows = scope.execute(STEPS, {"tenant": scope.tenant_id, "resource": resource_id}).fetchall()
    return [StepUp(*row) for row in rows]
