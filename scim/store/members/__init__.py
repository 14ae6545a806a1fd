"""Memberships as rows: what is added or removed is written, never a list as a whole, so that one member costs the same
in a group of ten and in one of a million.

Locks, in this order, so that nobody waits in a circle:

1. Whoever changes a group's members locks the group's resource row first, FOR NO KEY UPDATE; several groups in the
   order of their ids. Rows of a group are written under its lock alone.
2. Adding locks the members FOR KEY SHARE, which waits for their deletion alone: a member is never added to a group
   while it is being deleted. (FOR UPDATE in step 1 would conflict with it when two groups take each other in.)
3. A deletion locks the groups that the resource is in before the resource itself: `lock_for_deletion`.

`touch`ing the version of a group is the service's.
"""

from scim.store.members.adding import MembershipLoopError, add_members, replace_members
from scim.store.members.deletion import drop_memberships, lock_for_deletion
from scim.store.members.listing import Member, count_members, list_members
from scim.store.members.paging import page_members
from scim.store.members.pending import Arrival, attach_pending, find_arrivals, find_waiting_groups
from scim.store.members.removing import remove_all_members, remove_members, remove_members_where
from scim.store.members.values import MemberChange, find_unknown

__all__ = [
    "Arrival",
    "Member",
    "MemberChange",
    "MembershipLoopError",
    "add_members",
    "attach_pending",
    "count_members",
    "drop_memberships",
    "find_arrivals",
    "find_unknown",
    "find_waiting_groups",
    "list_members",
    "lock_for_deletion",
    "page_members",
    "remove_all_members",
    "remove_members",
    "remove_members_where",
    "replace_members",
]
