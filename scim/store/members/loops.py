"""The loop that a nested group would close, for whoever is told that it can't be a member."""

from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope

# Longer loops are told with their ends alone.
SHOWN: Final = 20
# Upwards, each group once for each that it is reached through: as many rows as there are memberships.
ABOVE: Final = """
WITH RECURSIVE above (id, via) AS (
    SELECT %(group)s::uuid, NULL::uuid
    UNION SELECT m.group_id, a.id FROM above a JOIN scim_member m ON m.tenant_id = %(tenant)s AND m.member_id = a.id
)
SELECT a.id, a.via, coalesce(r.document::json ->> 'displayName', a.id::text)
FROM above a LEFT JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = a.id
"""


def find_loop(*, group_id: UUID, member_id: UUID) -> list[str]:
    """Names of the groups from `group_id` through the member and what it holds, back to `group_id`."""
    scope = current_scope()
    rows = scope.execute(ABOVE, {"tenant": scope.tenant_id, "group": group_id}).fetchall()
    below, names = {one: via for one, via, _name in rows if via}, {one: name for one, _via, name in rows}
    path = [group_id, member_id]
    while path[-1] != group_id:
        path.append(below[path[-1]])
    shown = [names[one] for one in path]
    return shown if len(shown) <= SHOWN else [*shown[: SHOWN - 2], "...", shown[-1]]
