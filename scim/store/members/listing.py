"""The members of groups, for answers. A resource that is deleted is no member, nor is one that has not arrived.

In the order of their ids, which is that of their creation: `value` is the id's text under COLLATE "C".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol import bounds
from scim.store.chosen import Ids, place_ids

# No member is written in fewer bytes, so a group of more passes the bound of a response however short its names.
LEAST_MEMBER_BYTES: Final = 100
MOST_MEMBERS_AT_ONCE: Final = bounds.RESPONSE_BYTES // LEAST_MEMBER_BYTES

# The primary key (tenant_id, group_id, value) gives order and place; each member's resource is found by its own, which
# LIMIT 1 insists on: the planner, who expects a group of average size, would read the whole tenant for a group of none.
# Naming the types keeps it from other indexes while the tenant is small.
LIVE_MEMBERS = """
scim_member m CROSS JOIN LATERAL (
    SELECT document, display_name, user_name FROM scim_resource WHERE tenant_id = %(tenant)s AND id = m.member_id
       AND resource_type IN ('User', 'Group') AND deleted_at IS NULL LIMIT 1
) AS r WHERE m.tenant_id = %(tenant)s AND m.group_id = g.id AND m.member_id IS NOT NULL
"""
DISPLAY = "coalesce(r.document::json ->> 'displayName', r.document::json ->> 'userName')"
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
# Text is put together by the database: 10,000 members take 2 ms less than as JSON values, and arrive as one.
RENDER = f"""
SELECT g.id, (
    SELECT string_agg(shown.text, ',' ORDER BY shown.value) FROM (
        SELECT m.value, '{{"value":"' || m.value || '","$ref":"'
            || CASE m.member_type WHEN 'Group' THEN %(groups_at)s::text ELSE %(users_at)s::text END || m.value
            || '","type":"' || m.member_type || '","display":' || to_json({DISPLAY})::text || '}}' AS text
        FROM {LIVE_MEMBERS} ORDER BY m.value LIMIT %(at_most)s
    ) AS shown
) FROM unnest(%(groups)s::uuid[]) AS g(id)
"""  # noqa: S608  # put together from our own texts alone


@dataclass(frozen=True)
class Member:
    """A member as it is shown; `type` is User or Group."""

    id: UUID
    type: str
    display: str | None


class RenderedMembers:
    """JSON arrays of members without their brackets, by group; read after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def by_group(self) -> dict[UUID, str]:
        """Text by group; a group without members has none."""
        return {group_id: text for group_id, text in self._cursor.fetchall() if text}


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


def render_members(
    *, group_ids: Ids, locations: Mapping[str, str], at_most: int = MOST_MEMBERS_AT_ONCE + 1
) -> RenderedMembers:
    """Members of several groups as JSON text: value, $ref, type, display. No group gives more than `at_most` of them.

    `locations` gives for User and Group the address that stands before the id, `https://.../scim/v2/Users/`, free of
    characters that JSON would escape.
    """
    scope = current_scope()
    statement, params = place_ids(RENDER, "groups", group_ids)
    params |= {"groups_at": locations["Group"], "users_at": locations["User"], "at_most": at_most}
    return RenderedMembers(scope.execute(statement, {**params, "tenant": scope.tenant_id}))
