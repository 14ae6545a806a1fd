"""Computed attributes of resources, read by the same statement as these: groups of a user, members of a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scim.protocol import bounds

# Nesting has no loops; the bound is for what a restored backup or a defect might bring.
DEEPEST: Final = 32
# An expression over `r`, a row of scim_resource: the elements of the JSON array in the order of the groups' ids, NULL
# for none. Each step up is one look-up in scim_member_groups_of, and each group one by its key: OFFSET 0 leaves the
# planner no other way, who would read all memberships of a small tenant. For a page of 100 it takes no longer than one
# search for the groups of all would, and no plan depends on how many there are.
GROUPS: Final = f"""
CASE r.resource_type WHEN 'User' THEN (
    WITH RECURSIVE above (group_id, depth) AS (
        SELECT m.group_id, 1 FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.member_id = r.id
        UNION
        SELECT m.group_id, a.depth + 1
        FROM above a CROSS JOIN LATERAL (
            SELECT group_id FROM scim_member WHERE tenant_id = %(tenant)s AND member_id = a.group_id OFFSET 0
        ) AS m
        WHERE a.depth < {DEEPEST}
    ), nearest AS (
        SELECT group_id, min(depth) = 1 AS is_direct FROM above GROUP BY group_id
    )
    SELECT string_agg(
        '{{"value":"' || n.group_id || '","$ref":"' || %(groups_at)s::text || n.group_id
        || '","type":"' || CASE WHEN n.is_direct THEN 'direct' ELSE 'indirect' END
        || coalesce('","display":' || to_json(nullif(g.document::json ->> 'displayName', ''))::text, '"') || '}}',
        ',' ORDER BY n.group_id)
    FROM nearest n CROSS JOIN LATERAL (
        SELECT document FROM scim_resource
        WHERE tenant_id = %(tenant)s AND id = n.group_id AND deleted_at IS NULL OFFSET 0
    ) AS g
) END
"""  # noqa: S608  # a number of our own
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
# An expression over `r`, a row of scim_resource: the elements of the JSON array, NULL for none. Text is put together by
# the database: 10,000 members take 2 ms less than as JSON values, and arrive as one.
MEMBERS: Final = f"""
CASE r.resource_type WHEN 'Group' THEN (
    SELECT (
        SELECT string_agg(shown.text, ',' ORDER BY shown.value) FROM (
            SELECT m.value, '{{"value":"' || m.value || '","$ref":"'
                || CASE m.member_type WHEN 'Group' THEN %(groups_at)s::text ELSE %(users_at)s::text END || m.value
                || '","type":"' || m.member_type || '","display":' || to_json({DISPLAY})::text || '}}' AS text
            FROM {LIVE_MEMBERS} ORDER BY m.value LIMIT %(most_members)s
        ) AS shown
    ) FROM (SELECT r.id) AS g
) END
"""  # noqa: S608  # put together from our own texts alone
# Large members arrive as rows of so many bytes: libpq keeps a buffer as large as the largest row, beside the result.
PIECE_BYTES: Final = 1024 * 1024
# A FROM item beside `r`, for a single resource: no row where there are none, else the function gives them in order.
# OFFSET 0 keeps the members from being put together anew for every piece.
PIECES: Final = f"""
LEFT JOIN LATERAL (
    SELECT substring(whole.members FROM start FOR {PIECE_BYTES}) AS piece
    FROM (SELECT convert_to({MEMBERS}, 'UTF8') AS members OFFSET 0) AS whole,
         generate_series(1, length(whole.members), {PIECE_BYTES}) AS start
) AS members ON TRUE
"""  # noqa: S608  # put together from our own texts alone


@dataclass(frozen=True)
class Aspects:
    """Which computed attributes an answer shows.

    `locations` gives by resource type the address that stands before an id, `https://.../scim/v2/Users/`, free of
    characters that JSON would escape. Of a group's members no more than `most_members` are read.
    """

    locations: Mapping[str, str]
    groups: bool = False
    members: bool = False
    most_members: int = MOST_MEMBERS_AT_ONCE + 1

    @property
    def is_computed(self) -> bool:
        return self.groups or self.members

    @property
    def columns(self) -> str:
        """SQL of two columns for a statement on scim_resource as r, NULL for what is not shown.

        They are bytes: as text, the members of a large group would be there once more, to be encoded for the answer.
        """
        return f"{_as_bytes(GROUPS, self.groups)}, {_as_bytes(MEMBERS, self.members)}"

    def fill(self, statement: str) -> str:
        """A statement on a single scim_resource as r: `{computed}` are the same columns, `{pieces}` what gives a row
        for each piece of the members.
        """
        if not self.members:
            return statement.format(computed=self.columns, pieces="")
        return statement.format(computed=f"{_as_bytes(GROUPS, self.groups)}, members.piece", pieces=PIECES)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the columns, except `tenant`."""
        if not self.is_computed:
            return {}
        return {
            "groups_at": self.locations["Group"],
            "users_at": self.locations["User"],
            "most_members": self.most_members,
        }


def _as_bytes(expression: str, is_shown: bool) -> str:  # noqa: FBT001  # reads well
    return f"convert_to({expression if is_shown else 'NULL'}, 'UTF8')"


PLAIN = Aspects({})
