"""Members named before they arrive attach when they do, by id, externalId or userName."""

from uuid import UUID

import pytest

from scim.store.members import Arrival, attach_pending, find_arrivals, find_waiting_groups
from tests.store.groups import AT, add, bury, ids_of, insert_groups, insert_users, list_groups_of, pending_of, scope

NAMES = [("E-1", "E-1", None), ("ADA@lab.test", None, "ada@lab.test"), ("\uff21da@lab.test", None, "ada@lab.test")]


@pytest.mark.parametrize(("value", "external_id", "user_name"), NAMES)
def test_arrival_becomes_a_member_where_it_was_named(
    tenant: UUID, value: str, external_id: str | None, user_name: str | None
) -> None:
    with scope():
        groups = insert_groups("lab", "choir", "other")
        add(groups[0], value)
        add(groups[1], value, "somebody else")
        (ada,) = insert_users("arrived")
        arrival = Arrival(ada, external_id, user_name)
        assert find_waiting_groups(arrival=arrival).ids() == groups[:2]
        assert attach_pending(arrival=arrival, at=AT) == groups[:2]
        assert [ids_of(group) for group in groups] == [[ada], [ada], []]
        assert [pending_of(group) for group in groups] == [[], ["somebody else"], []]
        assert find_waiting_groups(arrival=arrival).ids() == []


def test_waiting_groups_can_be_read_after_the_scope(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "ada")
        (ada,) = insert_users("someone")
        waiting = find_waiting_groups(arrival=Arrival(ada, None, "ada"))
    assert waiting.ids() == [group]


def test_external_id_of_another_casing_does_not_attach(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "e-1")
        (ada,) = insert_users("ada")
        assert find_waiting_groups(arrival=Arrival(ada, "E-1", "ada")).ids() == []
        assert attach_pending(arrival=Arrival(ada, "E-1", "ada"), at=AT) == []
        assert pending_of(group) == ["e-1"]


def test_arrival_named_in_two_ways_is_one_member(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "E-1", "ADA", "ada")
        (ada,) = insert_users("ada", external_id="E-1")
        assert attach_pending(arrival=Arrival(ada, "E-1", "ada"), at=AT) == [group]
        assert (ids_of(group), pending_of(group)) == ([ada], [])


def test_arrival_that_is_a_member_already_leaves_no_pending_row(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "E-1")
        (ada,) = insert_users("ada", external_id="E-1")
        add(group, ada)
        assert attach_pending(arrival=Arrival(ada, "E-1", "ada"), at=AT) == []
        assert (ids_of(group), pending_of(group)) == ([ada], [])


def test_id_of_a_restored_resource_attaches_beside_its_other_names(tenant: UUID) -> None:
    with scope() as opened:
        (group,), (ada,) = insert_groups("lab"), insert_users("ada", external_id="E-1")
        bury(ada)
        add(group, ada, "E-1")
        opened.execute("UPDATE scim_resource SET deleted_at = NULL WHERE id = %s", [ada])
        assert attach_pending(arrival=Arrival(ada, "E-1", "ada"), at=AT) == [group]
        assert (ids_of(group), pending_of(group)) == ([ada], [])


def test_resource_that_is_deleted_by_then_does_not_attach(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "ada")
        (ada,) = insert_users("ada")
        bury(ada)
        assert attach_pending(arrival=Arrival(ada, None, "ada"), at=AT) == []
        assert pending_of(group) == ["ada"]


def test_group_that_arrives_attaches_and_lends_its_members(tenant: UUID) -> None:
    with scope():
        (outer,), (ada,) = insert_groups("outer"), insert_users("ada")
        add(outer, "G-1")
        (inner,) = insert_groups("inner", external_id="G-1")
        add(inner, ada)
        assert attach_pending(arrival=Arrival(inner, "G-1"), at=AT) == [outer]
        assert [group.type for group in list_groups_of(ada)] == ["indirect", "direct"]


def test_arrival_that_would_close_a_loop_is_dropped(tenant: UUID) -> None:
    with scope():
        (inner,) = insert_groups("inner")
        add(inner, "G-1")
        (outer,) = insert_groups("outer", external_id="G-1")
        add(outer, inner)
        assert attach_pending(arrival=Arrival(outer, "G-1"), at=AT) == []
        assert (ids_of(inner), pending_of(inner)) == ([], [])


def test_arrivals_that_nobody_attached_are_found(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "E-1", "BOB", "nobody")
        arrivals = [
            Arrival(insert_users("ada", external_id="E-1")[0], "E-1", "ada"),
            Arrival(insert_users("bob")[0], None, "bob"),
        ]
        assert find_arrivals(limit=10) == arrivals
        assert find_arrivals(limit=1) == arrivals[:1]
        for arrival in arrivals:
            attach_pending(arrival=arrival, at=AT)
        assert find_arrivals(limit=10) == []
