"""Members of groups as requests change them, and groups that change because a member comes or goes."""

from collections.abc import Iterable, Sequence
from functools import reduce
from uuid import UUID

import orjson

from audit.actors import Origin
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.patch.rows import AddRows, RemoveMatchingRows, RemoveRows, ReplaceRows, RowChange
from scim.services.history import Deed, record_deed
from scim.services.writes import Writing, refuse_unknown_members
from scim.store.members import (
    MemberChange,
    add_members,
    remove_all_members,
    remove_members,
    remove_members_where,
    replace_members,
)
from scim.store.resources import StoredResource, lock_resource, touch_resource


def change_members(*, group_id: UUID, changes: Iterable[RowChange], writing: Writing) -> MemberChange:
    """Apply the changes in their order; the caller has locked the group. Raises ScimError 400 as options say."""
    done = [_change(group_id, change, writing) for change in changes]
    outcome = reduce(MemberChange.then, done, MemberChange())
    for value in outcome.unknown:
        writing.reading.warn(WarningCode.UNKNOWN_MEMBER, f"members[{value}]")
    return outcome


def touch_groups(*, group_ids: Iterable[UUID], members: MemberChange, origin: Origin) -> None:
    """A new version for each group whose members changed though no request named it; their rows are locked here."""
    for group_id in sorted(group_ids):
        group = lock_resource(resource_type="Group", resource_id=group_id)
        if group is not None:
            touch_group(group=group, members=members, origin=origin)


def touch_group(*, group: StoredResource, members: MemberChange, origin: Origin) -> None:
    """The same for one that the caller has locked."""
    touched = touch_resource(group, at=origin.at)
    document = orjson.loads(group.document)
    record_deed(deed=Deed("members", touched, document, document, members), origin=origin)


def _change(group_id: UUID, change: RowChange, writing: Writing) -> MemberChange:
    at = writing.origin.at
    match change:
        case AddRows(elements):
            return add_members(group_id=group_id, values=_checked(elements, writing), at=at)
        case ReplaceRows(elements) if elements:
            return replace_members(group_id=group_id, values=_checked(elements, writing), at=at)
        case ReplaceRows():
            return remove_all_members(group_id=group_id)
        case RemoveRows(values):
            return remove_members(group_id=group_id, values=values)
        case RemoveMatchingRows(condition):
            return remove_members_where(group_id=group_id, condition=condition, locations=writing.locations)


def _checked(elements: Sequence[dict[str, object]], writing: Writing) -> list[str]:
    values = [str(element["value"]) for element in elements]
    refuse_unknown_members(values=values, options=writing.options)
    return values
