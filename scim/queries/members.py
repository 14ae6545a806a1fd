"""The members of a group, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from scim.protocol.list_query import ListQuery
from scim.queries.cursors import NO_NEIGHBORS, Asker, Neighbors, Walk, cut_page, find_neighbors
from scim.queries.resources import NoSuchResourceError
from scim.store.members import Member, page_members
from scim.store.pipeline import pipelined_scope
from scim.store.resources import get_resource


@dataclass(frozen=True)
class MemberPage:
    """Some of a group's members: `total` match in all; by index or with neighbors, as of a Page."""

    members: Sequence[Member]
    total: int
    start_index: int | None = 1
    neighbors: Neighbors = NO_NEIGHBORS


def list_member_page(*, group_id: UUID, query: ListQuery, locations: Mapping[str, str], asker: Asker) -> MemberPage:
    """The page of members that a query asks for, in one round trip.

    Raises NoSuchResourceError, ScimError 400 invalidCursor, expiredCursor, invalidCount.
    """
    walk = Walk(asker, query)
    position = walk.open()
    with pipelined_scope():
        group = get_resource(resource_type="Group", resource_id=group_id)
        answer = page_members(
            group_id=group_id, condition=query.filter, page=query.page, position=position, locations=locations
        )
    if group.first() is None:
        raise NoSuchResourceError
    members, total = answer.read()
    if query.page.cursor is None:
        return MemberPage(members, total, query.page.start_index)
    kept, before, behind = cut_page(members, query.page, position)
    ends = [(str(member.id), None) for member in kept]
    return MemberPage(kept, total, None, find_neighbors(walk, ends, before=before, behind=behind))
