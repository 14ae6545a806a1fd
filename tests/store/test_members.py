"""Members of a group are rows: adding, removing and replacing write what differs and tell it."""

from collections.abc import Callable
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from labsninja.kernel.isolation import tenant_context
from scim.store.members import (
    MemberChange,
    MembershipLoopError,
    add_members,
    find_unknown,
    remove_all_members,
    remove_members,
    replace_members,
)
from tests.store.groups import (
    AT,
    add,
    bury,
    ids_of,
    insert_groups,
    insert_users,
    pending_of,
    rows_of,
    scope,
    texts,
)


@pytest.fixture(name="foreign_user")
def _foreign_user(make_tenant: Callable[[], UUID]) -> UUID:
    """A user of another tenant."""
    with tenant_context(make_tenant()), scope():
        return insert_users("eve")[0]


def test_added_members_are_those_who_were_none(tenant: UUID) -> None:
    with scope():
        (group,), (ada, bob, eve) = insert_groups("lab"), insert_users("ada", "bob", "eve")
        assert add(group, ada, bob) == MemberChange(added=(ada, bob))
        assert add(group, bob, eve) == MemberChange(added=(eve,))
        assert ids_of(group) == [ada, bob, eve]


def test_repeated_add_changes_nothing(tenant: UUID) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        add(group, ada)
        assert not add(group, ada).is_visible


def test_member_named_twice_in_a_request_is_one(tenant: UUID) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("Ada")
        assert add(group, ada, ada, "ada") == MemberChange(added=(ada,))


def test_group_takes_no_values(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        assert add(group) == remove_members(group_id=group, values=[]) == MemberChange()


def test_member_is_known_by_its_external_id_or_user_name_too(tenant: UUID) -> None:
    with scope():
        (group,), (ada,), (bob,) = insert_groups("lab"), insert_users("ada", external_id="E-1"), insert_users("Bob")
        assert add(group, "E-1", "BOB").added == (ada, bob)
        assert remove_members(group_id=group, values=["E-1", "bob"]).removed == (ada, bob)


def test_external_id_is_compared_exactly(tenant: UUID) -> None:
    with scope():
        insert_users("ada", external_id="E-1")
        assert find_unknown(values=["E-1", "e-1"]) == ["e-1"]


def test_of_two_with_one_external_id_the_older_is_meant(tenant: UUID) -> None:
    with scope():
        (group,), older, _ = (insert_groups("lab"), *(insert_users(name, external_id="E-1") for name in ("ada", "bob")))
        assert add(group, "E-1").added == tuple(older)


def test_id_counts_before_an_external_id_of_the_same_text(tenant: UUID) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        insert_users("bob", external_id=str(ada))
        assert add(group, ada).added == (ada,)


@pytest.mark.parametrize(
    "value",
    ["nobody", "0198c0de-0000-7000-8000-00000000beef", "0198C0DE-0000-7000-8000-00000000BEEF", "", "%", "\U0001f600"],
)
def test_value_that_stands_for_nobody_is_kept_and_not_shown(tenant: UUID, value: str) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        assert add(group, ada, value) == MemberChange(added=(ada,), unknown=(value,))
        assert ids_of(group) == [ada]
        assert pending_of(group) == [value]


def test_id_in_capitals_is_another_value(tenant: UUID) -> None:
    with scope():
        (ada,) = insert_users("ada")
        assert find_unknown(values=[str(ada), str(ada).upper()]) == [str(ada).upper()]


def test_unknown_values_are_found_before_writing(tenant: UUID) -> None:
    with scope():
        (group,), (ada, gone) = insert_groups("lab"), insert_users("ada", "gone")
        bury(gone)
        assert find_unknown(values=[str(ada), str(group), str(gone), "x", "x"]) == sorted([str(gone), "x"])


def test_resource_of_another_tenant_is_unknown(tenant: UUID, foreign_user: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        assert add(group, foreign_user) == MemberChange(unknown=(str(foreign_user),))


def test_removal_takes_those_listed_alone(tenant: UUID) -> None:
    with scope():
        (group,), (ada, bob, eve) = insert_groups("lab"), insert_users("ada", "bob", "eve")
        add(group, ada, bob, "later")
        assert remove_members(group_id=group, values=texts([ada, eve])) == MemberChange(removed=(ada,))
        assert ids_of(group) == [bob]
        assert pending_of(group) == ["later"]


def test_removal_of_a_pending_member_forgets_it(tenant: UUID) -> None:
    with scope():
        (group,) = insert_groups("lab")
        add(group, "later")
        assert not remove_members(group_id=group, values=["later"]).is_visible
        assert rows_of(group) == []


def test_removal_of_all_leaves_nobody(tenant: UUID) -> None:
    with scope():
        (group, other), (ada, bob) = insert_groups("lab", "choir"), insert_users("ada", "bob")
        add(group, ada, bob, "later")
        add(other, ada)
        assert remove_all_members(group_id=group) == MemberChange(removed=(ada, bob))
        assert (rows_of(group), ids_of(other)) == ([], [ada])


def test_replacement_writes_the_difference(tenant: UUID) -> None:
    with scope():
        (group, inner, outer), (ada, bob, eve) = insert_groups("lab", "in", "out"), insert_users("ada", "bob", "eve")
        add(group, ada, bob, inner, "later", "never")
        values = [*texts([bob, eve, outer]), "later", "soon"]
        change = replace_members(group_id=group, values=values, at=AT)
        assert change == MemberChange((outer, eve), (inner, ada), ("later", "soon"))
        assert ids_of(group) == sorted([outer, bob, eve])
        assert pending_of(group) == ["later", "soon"]


def test_replacement_by_the_same_members_changes_nothing(tenant: UUID) -> None:
    with scope():
        (group, inner), (ada,) = insert_groups("lab", "in"), insert_users("ada")
        add(group, ada, inner)
        assert not replace_members(group_id=group, values=texts([inner, ada]), at=AT).is_visible


def test_replacement_by_nothing_empties_the_group(tenant: UUID) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        add(group, ada, "later")
        assert replace_members(group_id=group, values=[], at=AT) == MemberChange(removed=(ada,))
        assert rows_of(group) == []


def test_ten_thousand_members_are_added_by_one_request(tenant: UUID) -> None:
    with scope():
        (group,), users = insert_groups("lab"), insert_users(*(f"u{number}" for number in range(10_000)))
        assert add(group, *users).added == tuple(users)
        assert not add(group, *users).is_visible
        assert remove_members(group_id=group, values=texts(users)).removed == tuple(users)


def test_group_may_be_a_member(tenant: UUID) -> None:
    with scope():
        outer, inner = insert_groups("outer", "inner")
        assert add(outer, inner) == MemberChange(added=(inner,))
        assert not add(outer, inner).is_visible
        assert rows_of(outer) == [(str(inner), inner, "Group", None)]


@pytest.mark.parametrize("depth", [0, 1, 2, 40])
def test_group_that_would_become_its_own_member_is_refused(tenant: UUID, depth: int) -> None:
    with scope():
        groups = insert_groups(*(f"g{number}" for number in range(depth + 1)))
        for outer, inner in pairwise(groups):
            add(outer, inner)
        with pytest.raises(MembershipLoopError) as caught:
            add_members(group_id=groups[-1], values=[str(groups[0])], at=AT)
        assert caught.value.member_id == groups[0]
        with pytest.raises(MembershipLoopError):
            replace_members(group_id=groups[-1], values=[str(groups[0])], at=AT)


def test_two_ways_to_one_group_are_no_loop(tenant: UUID) -> None:
    with scope():
        top, left, right, bottom = insert_groups("top", "left", "right", "bottom")
        add(top, left, right)
        add(left, bottom)
        assert add(right, bottom).added == (bottom,)


def test_value_that_has_become_an_id_meanwhile_turns_known(tenant: UUID) -> None:
    with scope() as opened:
        (group, inner), (ada,) = insert_groups("lab", "in"), insert_users("ada")
        opened.execute("UPDATE scim_resource SET deleted_at = now() WHERE id = ANY(%s)", [[ada, inner]])
        assert len(add(group, ada, inner).unknown) == 2
        opened.execute("UPDATE scim_resource SET deleted_at = NULL WHERE id = ANY(%s)", [[ada, inner]])
        assert add(group, ada, inner).added == tuple(sorted((ada, inner)))
        assert pending_of(group) == []


def test_group_that_does_not_exist_takes_no_members(tenant: UUID) -> None:
    with scope():
        (ada,) = insert_users("ada")
    with pytest.raises(IntegrityError, match="scim_member_group_id_fk"), scope():
        add(uuid4(), ada)


def test_membership_outlives_deactivation(tenant: UUID) -> None:
    with scope() as opened:
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        add(group, ada)
        opened.execute("UPDATE scim_resource SET active = FALSE WHERE id = %s", [ada])
        assert ids_of(group) == [ada]


ONE, TWO, SIX = (UUID(int=number) for number in (1, 2, 6))


@pytest.mark.parametrize(
    ("first", "later", "both"),
    [
        (MemberChange(removed=(ONE, TWO)), MemberChange(added=(ONE,)), MemberChange(removed=(TWO,))),
        (MemberChange(added=(ONE,)), MemberChange(removed=(ONE,)), MemberChange()),
        (
            MemberChange((TWO,), (), ("x",)),
            MemberChange((ONE,), (SIX,), ("x", "y")),
            MemberChange((ONE, TWO), (SIX,), ("x", "y")),
        ),
    ],
)
def test_who_left_and_came_back_has_not_changed(first: MemberChange, later: MemberChange, both: MemberChange) -> None:
    assert first.then(later) == both
