"""Adding members to a group, and giving a group other members (RFC 7644 sections 3.5.1, 3.5.2.1 and 3.5.2.3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.members.loops import find_loop
from scim.store.members.removing import delete_members
from scim.store.members.values import NAMED, MemberChange, plan_for, read_values

# One statement for so many, to bound what it locks and holds in memory at a time.
AT_ONCE: Final = 1_000

# Groups are left to ADD_GROUPS. A pending row whose value has become an id in the meantime turns into a known one.
# The conflict is looked for by primary key: what the group holds besides is never read. Each value is settled by a
# look-up of its own and nothing is joined, since a cached plan knows nothing of how many values there are.
ADD = f"""
WITH {NAMED}, settled AS MATERIALIZED (
    SELECT n.value, n.folded, r.id, r.resource_type FROM named n LEFT JOIN LATERAL (
        SELECT id, resource_type FROM scim_resource
        WHERE tenant_id = %(tenant)s AND id = n.id AND resource_type IN ('User', 'Group') AND deleted_at IS NULL
        FOR KEY SHARE
    ) AS r ON TRUE
), written AS (
    INSERT INTO scim_member AS m (tenant_id, group_id, value, folded, member_id, member_type, added_at)
    SELECT DISTINCT %(tenant)s::uuid, %(group)s::uuid, id::text, NULL, id, resource_type, %(at)s::timestamptz
    FROM settled WHERE resource_type <> 'Group'
    UNION ALL
    SELECT %(tenant)s, %(group)s, value, folded, NULL, NULL, %(at)s FROM settled WHERE id IS NULL
    ON CONFLICT (tenant_id, group_id, value) DO UPDATE
    SET member_id = EXCLUDED.member_id, member_type = EXCLUDED.member_type, folded = NULL
    WHERE m.member_id IS NULL AND EXCLUDED.member_id IS NOT NULL
    RETURNING m.member_id
)
SELECT ARRAY(SELECT member_id FROM written WHERE member_id IS NOT NULL ORDER BY 1),
       ARRAY(SELECT DISTINCT id FROM settled WHERE resource_type = 'Group' ORDER BY 1),
       ARRAY(SELECT value FROM settled WHERE id IS NULL ORDER BY 1)
"""  # noqa: S608  # put together from our own texts alone
# Reads the group as a whole, for what is not wanted any more has to be found. NOT IN is hashed, whatever is expected.
LEAVE_OUT = f"""
WITH {NAMED}
DELETE FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.group_id = %(group)s
   AND m.value NOT IN (SELECT value FROM given UNION ALL SELECT id::text FROM named WHERE id IS NOT NULL)
RETURNING m.member_id
"""  # noqa: S608  # put together from our own texts alone
# Two groups that take each other in at the same time would each not see the other's row.
LOCK_NESTING = "SELECT pg_advisory_xact_lock(hashtextextended('scim_member ' || %s::text, 0))"
# The groups above are found by scim_member_groups_of; whoever stands among them, or is the group itself, closes a loop.
ADD_GROUPS = """
WITH RECURSIVE above (id) AS (
    SELECT %(group)s::uuid
    UNION SELECT m.group_id FROM above a JOIN scim_member m ON m.tenant_id = %(tenant)s AND m.member_id = a.id
), looped AS (
    SELECT id FROM above WHERE id = ANY(%(groups)s::uuid[])
), written AS (
    INSERT INTO scim_member AS m (tenant_id, group_id, value, member_id, member_type, added_at)
    SELECT %(tenant)s, %(group)s, id::text, id, 'Group', %(at)s FROM unnest(%(groups)s::uuid[]) AS g(id)
    WHERE NOT EXISTS (SELECT FROM looped)
    ON CONFLICT (tenant_id, group_id, value) DO UPDATE
    SET member_id = EXCLUDED.member_id, member_type = 'Group', folded = NULL WHERE m.member_id IS NULL
    RETURNING m.member_id
)
SELECT ARRAY(SELECT id FROM looped ORDER BY 1), ARRAY(SELECT member_id FROM written ORDER BY 1)
"""


class MembershipLoopError(Exception):
    """`member_id` is the group itself, or a group that holds it, directly or through others."""

    def __init__(self, member_id: UUID, path: Sequence[str]) -> None:
        super().__init__(f"group {member_id} would become a member of itself: {' > '.join(path)}")
        self.member_id = member_id


def add_members(*, group_id: UUID, values: Iterable[str], at: datetime) -> MemberChange:
    """Add those who are not members yet: a round trip for each 1,000 values, two more when groups are among them.

    Values that stand for nobody yet are kept as pending. Raises MembershipLoopError: roll the scope back.
    """
    distinct = list(dict.fromkeys(values))
    change = MemberChange()
    for start in range(0, len(distinct), AT_ONCE):
        change = change.then(_add(group_id, distinct[start : start + AT_ONCE], at))
    return change


def replace_members(*, group_id: UUID, values: Iterable[str], at: datetime) -> MemberChange:
    """Give the group these members and no others, writing the difference alone. Raises what add_members raises."""
    wanted = list(values)
    change = add_members(group_id=group_id, values=wanted, at=at)
    return change.then(delete_members(LEAVE_OUT, group_id, read_values(wanted)))


def _add(group_id: UUID, values: list[str], at: datetime) -> MemberChange:
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "group": group_id, "at": at, **read_values(values)}
    added, groups, unknown = scope.execute(plan_for(ADD, params), params).fetchone()
    if groups:
        added = sorted((*added, *_add_groups(group_id, groups, at)))
    return MemberChange(tuple(added), unknown=tuple(unknown))


def _add_groups(group_id: UUID, groups: Sequence[UUID], at: datetime) -> Sequence[UUID]:
    scope = current_scope()
    scope.execute(LOCK_NESTING, [scope.tenant_id])
    params = {"tenant": scope.tenant_id, "group": group_id, "groups": groups, "at": at}
    looped, added = scope.execute(ADD_GROUPS, params).fetchone()
    if looped:
        raise MembershipLoopError(looped[0], find_loop(group_id=group_id, member_id=looped[0]))
    found: Sequence[UUID] = added
    return found
