"""What is shown of memberships: the members of groups, and the groups of a resource."""

from uuid import UUID

import orjson
import pytest

from labsninja.kernel.isolation import current_scope
from scim.protocol import bounds
from scim.store.computed import LEAST_MEMBER_BYTES, MOST_MEMBERS_AT_ONCE, PIECE_BYTES, Aspects
from scim.store.members import Member, count_members, list_members
from scim.store.resources import get_computed, get_resource
from tests.store.groups import (
    LOCATIONS,
    GroupOf,
    add,
    bury,
    ids_of,
    insert_groups,
    insert_users,
    list_groups_of,
    render_members,
    scope,
)


def test_member_shows_its_type_and_present_name(tenant: UUID) -> None:
    with scope():
        (group, inner), (ada,) = insert_groups("lab", "Choir"), insert_users("Ada")
        add(group, ada, inner)
        shown = [Member(inner, "Group", "Choir"), Member(ada, "User", "Ada")]
        assert list_members(group_id=group, limit=10) == sorted(shown, key=lambda member: member.id)


def test_display_name_is_shown_before_the_user_name(tenant: UUID) -> None:
    with scope() as opened:
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        document = '{"userName":"ada","displayName":"Ada Lovelace"}'
        opened.execute("UPDATE scim_resource SET document = %s WHERE id = %s", [document, ada])
        add(group, ada)
        assert list_members(group_id=group, limit=1)[0].display == "Ada Lovelace"


def test_rendered_members_are_the_listed_ones_as_json(tenant: UUID) -> None:
    with scope():
        group, inner, empty = insert_groups("lab", 'the "\\ \u00e9\n choir', "empty")
        add(group, inner, *insert_users("Ada", 'b"o\\b'), "later")
        rendered = [render_members(one) for one in (group, inner, empty)]
        listed = list_members(group_id=group, limit=10)
    assert rendered[1:] == [None, None]
    assert orjson.loads(f"[{rendered[0]}]") == [
        {"value": str(m.id), "$ref": f"{LOCATIONS[m.type]}{m.id}", "type": m.type, "display": m.display} for m in listed
    ]


def test_rendered_members_are_in_the_order_of_their_ids_for_each_group(tenant: UUID) -> None:
    with scope():
        groups, users = insert_groups("lab", "choir"), insert_users(*(f"u{number}" for number in range(50)))
        add(groups[0], *reversed(users))
        add(groups[1], *users[:10])
        found = {group: orjson.loads(f"[{render_members(group)}]") for group in groups}
    assert {group: [UUID(m["value"]) for m in members] for group, members in found.items()} == {
        groups[0]: users,
        groups[1]: users[:10],
    }


def test_members_of_several_pieces_are_read_as_one(tenant: UUID) -> None:
    """A character of two bytes may be cut."""
    long = "\u00e9" * (PIECE_BYTES // 4)
    with scope() as opened:
        (group,), users = insert_groups("lab"), insert_users(*"abcde")
        document = orjson.dumps({"userName": "a", "displayName": long}).decode()
        opened.execute("UPDATE scim_resource SET document = %s WHERE id = ANY(%s)", [document, users])
        add(group, *users)
        shown = Aspects(LOCATIONS, members=True)
        rendered = get_computed(resource_id=group, aspects=shown).read()[1]
        found = get_resource(resource_type="Group", resource_id=group, aspects=shown).first()
    assert rendered is not None
    assert len(rendered) > 2 * PIECE_BYTES
    assert [member["display"] for member in orjson.loads(b"[%s]" % rendered)] == [long] * 5
    assert found is not None
    assert found.members == rendered


def test_pages_of_members_lead_through_all_of_them_both_ways(tenant: UUID) -> None:
    with scope():
        (group,), users = insert_groups("lab"), insert_users(*(f"u{number}" for number in range(7)))
        add(group, *users, "0 later", "z later")
        forwards = [m.id for m in list_members(group_id=group, limit=3, after=users[2])]
        backwards = [m.id for m in list_members(group_id=group, limit=3, before=users[4])]
        assert (forwards, backwards) == (users[3:6], users[1:4])
        assert list_members(group_id=group, limit=3, after=users[-1]) == []


def test_deleted_resource_is_shown_nowhere_even_if_its_row_is_there(tenant: UUID) -> None:
    with scope():
        (group,), (ada, bob) = insert_groups("lab"), insert_users("ada", "bob")
        add(group, ada, bob)
        bury(ada)
        assert ids_of(group) == [bob]
        assert count_members(group_ids=[group]) == {group: 1}
        assert str(ada) not in str(render_members(group))
        bury(group)
        assert list_groups_of(bob) == []


def test_members_are_counted_no_further_than_asked(tenant: UUID) -> None:
    with scope():
        groups, users = insert_groups("lab", "empty"), insert_users(*(f"u{number}" for number in range(9)))
        add(groups[0], *users, "later")
        assert count_members(group_ids=groups) == {groups[0]: 9}
        assert count_members(group_ids=groups, at_most=4) == {groups[0]: 4}
        assert len(orjson.loads(f"[{render_members(groups[0], at_most=4)}]")) == 4


def test_more_members_than_can_fit_into_a_response_are_told_by_the_count(tenant: UUID) -> None:
    with scope():
        (group,), users = insert_groups("g"), insert_users("u")
        add(group, *users)
        aspects = Aspects({"User": "Users/", "Group": "Groups/"}, members=True)
        shortest = len(get_computed(resource_id=group, aspects=aspects).read()[1] or b"")
    assert shortest >= LEAST_MEMBER_BYTES
    assert (MOST_MEMBERS_AT_ONCE + 1) * shortest > bounds.RESPONSE_BYTES


def test_groups_of_a_member_are_direct_or_indirect(tenant: UUID) -> None:
    with scope():
        (top, middle, near, far), (ada,) = insert_groups("Top", "Middle", "Near", "Far"), insert_users("ada")
        add(top, middle, ada)
        add(middle, near)
        add(near, ada)
        expected = [
            GroupOf(top, "direct", "Top"),
            GroupOf(middle, "indirect", "Middle"),
            GroupOf(near, "direct", "Near"),
        ]
        assert list_groups_of(ada) == sorted(expected, key=lambda group: group.id)
        assert list_groups_of(far) == []


def test_group_without_a_name_is_shown_without_one(tenant: UUID) -> None:
    with scope() as opened:
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
        add(group, ada)
        for document in ("{}", '{"displayName":""}'):
            opened.execute("UPDATE scim_resource SET document = %s WHERE id = %s", [document, group])
            assert list_groups_of(ada) == [GroupOf(group, "direct", None)]


def test_name_of_a_group_is_escaped(tenant: UUID) -> None:
    with scope():
        (group,), (ada,) = insert_groups('the "\\ \u00e9\n choir'), insert_users("ada")
        add(group, ada)
        assert list_groups_of(ada) == [GroupOf(group, "direct", 'the "\\ \u00e9\n choir')]


@pytest.mark.parametrize("depth", [31, 33])
def test_nesting_is_followed_thirty_two_groups_up(tenant: UUID, depth: int) -> None:
    with scope():
        groups, (ada,) = insert_groups(*(f"g{number}" for number in range(depth))), insert_users("ada")
        for outer, inner in zip(groups, [*groups[1:], ada], strict=True):
            add(outer, inner)
        assert len(list_groups_of(ada)) == min(depth, 32)


def test_statement_that_lists_looks_members_up_by_key(tenant: UUID) -> None:
    with scope():
        (group,), users = insert_groups("lab"), insert_users(*(f"u{number}" for number in range(20)))
        add(group, *users)
        rows = current_scope().execute("SELECT count(*) FROM scim_member WHERE group_id = %s", [group])
        assert rows.fetchone() == (20,)
