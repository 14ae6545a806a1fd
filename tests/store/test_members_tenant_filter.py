"""Statements on memberships name the tenant themselves: on a role that row-level security does not bind they keep
apart.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from labsninja.kernel.isolation import cross_tenant, current_scope, tenant_context
from scim.protocol.dialects.base import Reading
from scim.protocol.filter.nodes import ValuePath
from scim.protocol.filter.parser import parse_filter
from scim.protocol.pagination import FIRST_PAGE
from scim.protocol.schemas import GROUP
from scim.store.members import (
    Arrival,
    MemberChange,
    attach_pending,
    count_members,
    drop_memberships,
    find_arrivals,
    find_unknown,
    find_waiting_groups,
    list_members,
    lock_for_deletion,
    page_members,
    remove_all_members,
    remove_members,
    remove_members_where,
    replace_members,
)
from scim.store.members.deletion import LockedForDeletion
from tests.store.groups import (
    AT,
    LOCATIONS,
    add,
    insert_groups,
    insert_users,
    list_groups_of,
    render_members,
    scope,
)

ROWS = "SELECT count(*), count(member_id) FROM scim_member WHERE tenant_id = %s"
EVERYBODY = parse_filter("members[value pr]", namespace=GROUP.namespace, reading=Reading())


@dataclass(frozen=True)
class Foreign:
    """Another tenant's group, that it is in, its member, and the name of one it waits for, who is there."""

    tenant_id: UUID
    outer: UUID
    group: UUID
    user: UUID
    arrival: Arrival


@pytest.fixture(name="foreign")
def _foreign(make_tenant: Callable[[], UUID]) -> Iterator[Foreign]:
    """The test runs in the scope of a second tenant, on the platform role, and must leave the first one as it is."""
    tenant_id, own = make_tenant(), make_tenant()
    with tenant_context(tenant_id), scope():
        (outer, group), (user,) = insert_groups("outer", "group"), insert_users("eve", external_id="E-0")
        add(outer, group)
        add(group, user, "E-1")
        (late,) = insert_users("late", external_id="E-1")
    with cross_tenant(reason="a test of the filter alone"), tenant_context(own), scope():
        yield Foreign(tenant_id, outer, group, user, Arrival(late, "E-1", "late"))
        assert current_scope().execute(ROWS, [tenant_id]).fetchone() == (3, 2)


def test_foreign_ids_and_names_are_unknown(foreign: Foreign) -> None:
    values = [str(foreign.user), "E-0", "eve"]
    assert find_unknown(values=values) == sorted(values)
    (own,) = insert_groups("own")
    assert add(own, *values).added == replace_members(group_id=own, values=values, at=AT).added == ()


def test_members_of_a_foreign_group_are_not_removed(foreign: Foreign) -> None:
    assert isinstance(EVERYBODY, ValuePath)
    changes = [
        remove_members(group_id=foreign.group, values=[str(foreign.user), "E-0"]),
        remove_members_where(group_id=foreign.group, condition=EVERYBODY.condition, locations=LOCATIONS),
        remove_all_members(group_id=foreign.group),
        replace_members(group_id=foreign.group, values=[], at=AT),
    ]
    assert changes == [MemberChange()] * 4


def test_members_of_a_foreign_group_are_not_shown(foreign: Foreign) -> None:
    assert list_members(group_id=foreign.group, limit=9) == []
    paged = page_members(group_id=foreign.group, condition=None, page=FIRST_PAGE, position=None, locations=LOCATIONS)
    assert paged.read() == ([], 0)
    assert list_members(group_id=foreign.group, limit=9, before=UUID(int=2**128 - 1)) == []
    assert count_members(group_ids=[foreign.group]) == {}
    assert render_members(foreign.group) is None


def test_groups_of_a_foreign_user_are_not_shown(foreign: Foreign) -> None:
    assert list_groups_of(foreign.user) == []


def test_foreign_pending_members_are_not_touched(foreign: Foreign) -> None:
    assert find_arrivals(limit=9) == []
    assert find_waiting_groups(arrival=foreign.arrival).ids() == []
    assert attach_pending(arrival=foreign.arrival, at=AT) == []


def test_foreign_resource_is_neither_locked_nor_taken_out_of_its_groups(foreign: Foreign) -> None:
    assert lock_for_deletion(resource_type="Group", resource_id=foreign.group) == LockedForDeletion([], None)
    drop_memberships(resource_id=foreign.group)  # what is left is counted at the end
