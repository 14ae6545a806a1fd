"""Taking members out of a group (RFC 7644 section 3.5.2.2): those listed, those who meet a condition, or all."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.filter.nodes import Node
from scim.store.members.conditions import compile_condition
from scim.store.members.values import NAMED, MemberChange, plan_for, read_values

# An array, so that rows are looked up by primary key however many the group holds.
REMOVE = f"""
WITH {NAMED}
DELETE FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.group_id = %(group)s
   AND m.value = ANY(ARRAY(SELECT value FROM given UNION SELECT id::text FROM named WHERE id IS NOT NULL))
RETURNING m.member_id
"""  # noqa: S608  # put together from our own texts alone
REMOVE_ALL = "DELETE FROM scim_member WHERE tenant_id = %(tenant)s AND group_id = %(group)s RETURNING member_id"
# The join is one to one or, for a pending row, to nothing. A condition on `value` alone is looked up by primary key.
REMOVE_WHERE = """
DELETE FROM scim_member d USING scim_member m
LEFT JOIN scim_resource r ON r.tenant_id = m.tenant_id AND r.id = m.member_id
WHERE m.tenant_id = %(tenant)s AND m.group_id = %(group)s AND ({condition})
  AND d.tenant_id = m.tenant_id AND d.group_id = m.group_id AND d.value = m.value
RETURNING d.member_id
"""


def remove_members(*, group_id: UUID, values: Iterable[str]) -> MemberChange:
    """Take out the members that the values stand for, pending ones too, in one round trip."""
    return delete_members(REMOVE, group_id, read_values(values))


def remove_all_members(*, group_id: UUID) -> MemberChange:
    """Leave the group without members, known or pending."""
    return delete_members(REMOVE_ALL, group_id, {})


def remove_members_where(*, group_id: UUID, condition: Node, locations: Mapping[str, str]) -> MemberChange:
    """Take out the members that meet the condition of a value path, `members[condition]`.

    `locations` gives for User and Group the address that `$ref` has before the id, as in list_members. A pending member
    has a value and nothing else.
    """
    text, params = compile_condition(condition, locations=locations)
    return delete_members(REMOVE_WHERE.format(condition=text), group_id, params)


def delete_members(statement: str, group_id: UUID, params: Mapping[str, Any]) -> MemberChange:
    """Run a statement that deletes rows and returns their member ids; for this package."""
    scope = current_scope()
    cursor = scope.execute(plan_for(statement, params), {"tenant": scope.tenant_id, "group": group_id, **params})
    return MemberChange(removed=tuple(sorted(member_id for (member_id,) in cursor.fetchall() if member_id)))
