"""The members of groups, for answers. A resource that is deleted is no member, nor is one that has not arrived.

In the order of their ids, which is that of their creation: `value` is the id's text under COLLATE "C".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.computed import DISPLAY, LIVE_MEMBERS, MOST_MEMBERS_AT_ONCE

LIST = f"""
SELECT m.member_id, m.member_type, {DISPLAY} FROM (SELECT %(group)s::uuid AS id) g, {LIVE_MEMBERS}
   AND m.value > %(after)s ORDER BY m.value LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
LIST_BACKWARDS = f"""
SELECT m.member_id, m.member_type, {DISPLAY} FROM (SELECT %(group)s::uuid AS id) g, {LIVE_MEMBERS}
   AND m.value < %(before)s ORDER BY m.value DESC LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
COUNT = f"""
SELECT g.id, count(*) FROM unnest(%(groups)s::uuid[]) AS g(id),
LATERAL (SELECT FROM {LIVE_MEMBERS} LIMIT %(at_most)s) AS counted GROUP BY g.id
"""  # noqa: S608  # put together from our own texts alone


@dataclass(frozen=True)
class Member:
    """A member as it is shown; `type` is User or Group."""

    id: UUID
    type: str
    display: str | None


def list_members(*, group_id: UUID, limit: int, after: UUID | None = None, before: UUID | None = None) -> list[Member]:
    """At most `limit` members in the order of their ids: those after `after`, or the last ones before `before`."""
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "group": group_id, "limit": limit}
    if before is not None:
        rows = scope.execute(LIST_BACKWARDS, {**params, "before": str(before)}).fetchall()
        return [Member(*row) for row in reversed(rows)]
    rows = scope.execute(LIST, {**params, "after": str(after) if after else ""}).fetchall()
    return [Member(*row) for row in rows]


def count_members(*, group_ids: Iterable[UUID], at_most: int = MOST_MEMBERS_AT_ONCE + 1) -> dict[UUID, int]:
    """How many members each group has, counted no further than `at_most`. Groups without members are left out.

    More than MOST_MEMBERS_AT_ONCE do not fit into a response.
    """
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "groups": list(group_ids), "at_most": at_most}
    return dict(scope.execute(COUNT, params).fetchall())
