"""PATCH of a group: what the store is to do with its members, without a look at those that are there."""

from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import STRICT
from scim.protocol.errors import ScimError
from scim.protocol.patch.rows import AddRows, RemoveMatchingRows, RemoveRows, ReplaceRows
from tests.protocol.patching import (
    add,
    member_changes,
    patch_group,
    remove,
    replace,
)

FOREIGN = "urn:example:x:2.0:User"


@pytest.mark.parametrize(
    ("operations", "changes"),
    [
        ([add("members", "a"), add("members", ["b", "a"])], [AddRows(({"value": "a"}, {"value": "b"}))]),
        ([remove('members[value eq "a"]'), remove('members[value eq "b"]')], [RemoveRows(("a", "b"))]),
        ([remove('members[value eq "a" or value eq "b"]')], [RemoveRows(("a", "b"))]),
        ([add("members", "a"), remove('members[value eq "a"]')], [AddRows(({"value": "a"},)), RemoveRows(("a",))]),
        ([add("members", "a"), replace("members", "b")], [ReplaceRows(({"value": "b"},))]),
        ([replace("members", ["a", "b"]), remove("members", value="a")], [ReplaceRows(({"value": "b"},))]),
        (
            [add("members", "a"), remove('members[value eq "b"]'), replace("members", "c")],
            [ReplaceRows(({"value": "c"},))],
        ),
        ([replace("members", ["a"]), add("members", "b")], [ReplaceRows(({"value": "a"}, {"value": "b"}))]),
        ([remove("members"), add("members", "b")], [ReplaceRows(({"value": "b"},))]),
        ([add('members[value eq "a"]', {"display": "A"})], [AddRows(({"value": "a"},))]),
        ([replace('members[value eq "a"]', {"value": "a"})], [AddRows(({"value": "a"},))]),
        ([add("members", []), add("members", None)], []),
    ],
)
def test_changes_of_members_keep_their_order_and_are_folded(operations: Any, changes: Any) -> None:
    assert member_changes(*operations) == tuple(changes)


def test_members_are_removed_by_any_condition() -> None:
    (change,) = member_changes(remove('members[type eq "Group"]'), dialect=STRICT)
    assert isinstance(change, RemoveMatchingRows)
    assert str(change.condition) == 'type eq "Group"'


def test_members_are_no_part_of_the_document() -> None:
    found, _ = patch_group(replace(None, {"displayName": "Crew", "members": ["a"]}), dialect=STRICT)
    assert found.document == {"schemas": [urns.GROUP], "displayName": "Crew"}
    assert found.rows == {"members": (ReplaceRows(({"value": "a"},)),)}


def test_a_value_that_does_not_name_members_leaves_them_alone() -> None:
    assert patch_group(replace(None, {"displayName": "Crew"}))[0].rows == {}


@pytest.mark.parametrize("path", ["members.value", 'members[value eq "a"].value', 'members[value eq "a"].display'])
def test_parts_of_a_member_do_not_change(path: str) -> None:
    with pytest.raises(ScimError) as caught:
        patch_group(replace(path, "b"))
    assert caught.value.scim_type == "mutability"


def test_a_member_does_not_become_another_one() -> None:
    with pytest.raises(ScimError) as caught:
        patch_group(replace('members[value eq "a"]', {"value": "b"}))
    assert caught.value.scim_type == "noTarget"


def test_an_operation_holds_10000_members_at_most() -> None:
    listed = [f"u{number}" for number in range(10_000)]
    (change,) = member_changes(add("members", listed))
    assert isinstance(change, AddRows)
    assert len(change.elements) == 10_000
    with pytest.raises(ScimError) as caught:
        patch_group(add("members", [*listed, "one more"]))
    assert caught.value.status == 413
