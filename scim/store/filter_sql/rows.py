"""Attributes that are rows of memberships: a group's `members`, and the `groups` of a resource.

Who has been deleted or has not arrived yet is no member. Columns carry the names of the sub-attributes.
"""

from collections.abc import Callable, Mapping
from typing import Final

from scim.protocol.paths import AttributePath
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.places import Form, Place

# As scim.store.members.groups_of bounds it.
DEEPEST: Final = 32
# The primary key (tenant_id, group_id, value), then each member's resource by its own.
MEMBERS = """
(SELECT m.value, {ref} || m.value COLLATE "C" AS "$ref", lower(m.member_type) COLLATE "C" AS type,
        coalesce(n.display_name, n.user_name) AS display
 FROM scim_member m JOIN scim_resource n ON n.tenant_id = %(tenant)s AND n.id = m.member_id AND n.deleted_at IS NULL
 WHERE m.tenant_id = %(tenant)s AND m.group_id = r.id AND m.member_id IS NOT NULL)
"""
# Upwards from a resource: each step is one look-up in scim_member_groups_of.
GROUPS = f"""
(WITH RECURSIVE above (group_id, depth) AS (
    SELECT m.group_id, 1 FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.member_id = r.id
    UNION
    SELECT m.group_id, a.depth + 1 FROM above a
    JOIN scim_member m ON m.tenant_id = %(tenant)s AND m.member_id = a.group_id WHERE a.depth < {DEEPEST}
 )
 SELECT g.id::text COLLATE "C" AS value, {{ref}} || g.id::text COLLATE "C" AS "$ref", g.display_name AS display,
        (CASE min(a.depth) WHEN 1 THEN 'direct' ELSE 'indirect' END) COLLATE "C" AS type
 FROM above a JOIN scim_resource g ON g.tenant_id = %(tenant)s AND g.id = a.group_id AND g.deleted_at IS NULL
 GROUP BY g.id, g.display_name)
"""  # noqa: S608  # a number of our own
# Downwards from a group: everybody in it, by the primary key.
BELOW = f"""
(WITH RECURSIVE below (member_id, depth) AS (
    SELECT m.member_id, 1 FROM scim_member m JOIN scim_resource g ON g.tenant_id = %(tenant)s AND g.id = m.group_id
    WHERE m.tenant_id = %(tenant)s AND m.group_id = {{group}} AND m.member_id IS NOT NULL AND g.deleted_at IS NULL
    UNION
    SELECT m.member_id, b.depth + 1 FROM below b
    JOIN scim_member m ON m.tenant_id = %(tenant)s AND m.group_id = b.member_id AND m.member_id IS NOT NULL
    WHERE b.depth < {DEEPEST}
 ) SELECT member_id FROM below)
"""  # noqa: S608  # a number of our own


def find_rows(path: AttributePath, params: Parameters) -> tuple[str, str] | None:
    """FROM clause and name of the rows that are the attribute's elements, None when it has no rows."""
    make = _SOURCES.get((params.resource_type.name, path.attribute.name)) if path.schema is None else None
    if make is None:
        return None
    alias = params.new_alias()
    return f"{make(params)} AS {alias}", alias


def place_in_rows(path: AttributePath, source: str, alias: str) -> Place:
    """The values of a sub-attribute; of the attribute itself its `value`, which every element has."""
    name = path.sub_attribute.name if path.sub_attribute else "value"
    return Place(f'{alias}."{name}"', Form.TEXT, source)


def _members(params: Parameters) -> str:
    users, groups = params.hold_location("User"), params.hold_location("Group")
    return MEMBERS.format(ref=f"CASE m.member_type WHEN 'Group' THEN {groups} ELSE {users} END")


def _groups(params: Parameters) -> str:
    return GROUPS.format(ref=params.hold_location("Group"))


_SOURCES: Final[Mapping[tuple[str, str], Callable[[Parameters], str]]] = {
    ("Group", "members"): _members,
    ("User", "groups"): _groups,
}
