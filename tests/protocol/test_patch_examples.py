"""The examples of RFC 7644 section 3.5.2, one by one, as a strict client sends them."""

from typing import Any

import pytest

from scim.protocol.dialects.base import STRICT
from scim.protocol.patch.rows import AddRows, RemoveRows, ReplaceRows
from tests.protocol.patching import add, member_changes, patch, patched_user, remove, replace, user

BABS = {"display": "Babs Jensen", "$ref": "https://example.com/v2/Users/2819c223", "value": "2819c223"}
JAMES = {"display": "James Smith", "$ref": "https://example.com/v2/Users/08e1d05d", "value": "08e1d05d"}
BABS_ROW = {"value": "2819c223", "$ref": "https://example.com/v2/Users/2819c223"}
JAMES_ROW = {"value": "08e1d05d", "$ref": "https://example.com/v2/Users/08e1d05d"}
WORK_ADDRESS = {
    "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
    "streetAddress": "911 Universal City Plaza",
    "locality": "Hollywood",
    "region": "CA",
    "postalCode": "91608",
    "country": "US",
    "type": "work",
    "primary": True,
}


@pytest.mark.parametrize(
    "path", ["members", "name.familyName", 'addresses[type eq "work"]', 'members[value eq "2819c223"]']
)
def test_the_paths_of_figure_8_are_read(path: str) -> None:
    if path.startswith("members"):
        assert member_changes(remove(path), dialect=STRICT)
    else:
        assert patched_user({"title": "Dr"}, remove(path), dialect=STRICT) == {"title": "Dr"}


def test_add_puts_a_member_into_a_group() -> None:
    assert member_changes(add("members", [BABS]), dialect=STRICT) == (AddRows((BABS_ROW,)),)


def test_add_without_a_path_adds_values_and_attributes() -> None:
    before = {"emails": [{"value": "b@jensen.test", "type": "work"}], "nickName": "Barbara"}
    value = {"emails": [{"value": "babs@jensen.test", "type": "home"}], "nickname": "Babs"}
    assert patched_user(before, {"op": "add", "value": value}, dialect=STRICT) == {
        "nickName": "Babs",
        "emails": [{"value": "b@jensen.test", "type": "work"}, {"value": "babs@jensen.test", "type": "home"}],
    }


def test_remove_takes_one_member_out_of_a_group() -> None:
    assert member_changes(remove('members[value eq "2819c223"]'), dialect=STRICT) == (RemoveRows(("2819c223",)),)


def test_remove_takes_all_members_out_of_a_group() -> None:
    assert member_changes(remove("members"), dialect=STRICT) == (ReplaceRows(()),)


def test_remove_takes_out_the_values_that_meet_a_condition() -> None:
    kept = [{"value": "a@example.com", "type": "home"}, {"value": "b@example.org", "type": "work"}]
    emails = [{"value": "a@example.com", "type": "work"}, *kept]
    path = 'emails[type eq "work" and value ew "example.com"]'
    assert patched_user({"emails": emails}, remove(path), dialect=STRICT) == {"emails": kept}


def test_one_member_is_removed_and_another_one_added() -> None:
    changes = member_changes(remove('members[value eq "2819c223"]'), add("members", [JAMES]), dialect=STRICT)
    assert changes == (RemoveRows(("2819c223",)), AddRows((JAMES_ROW,)))


def test_all_members_are_removed_and_others_added() -> None:
    changes = member_changes(remove("members"), add("members", [BABS, JAMES]), dialect=STRICT)
    assert changes == (ReplaceRows((BABS_ROW, JAMES_ROW)),)


def test_replace_puts_other_members_in_the_place_of_all() -> None:
    changes = member_changes(replace("members", [BABS, JAMES]), dialect=STRICT)
    assert changes == (ReplaceRows((BABS_ROW, JAMES_ROW)),)


def test_replace_changes_the_whole_work_address_which_becomes_the_primary_one() -> None:
    before = [{"locality": "Vienna", "type": "home", "primary": True}, {"locality": "Graz", "type": "work"}]
    after = [{"locality": "Vienna", "type": "home", "primary": False}, WORK_ADDRESS]
    operation = replace('addresses[type eq "work"]', WORK_ADDRESS)
    assert patched_user({"addresses": before}, operation, dialect=STRICT) == {"addresses": after}


def test_replace_changes_one_part_of_the_work_address() -> None:
    operation = replace('addresses[type eq "work"].streetAddress', "1010 Broadway Ave")
    after = {**WORK_ADDRESS, "streetAddress": "1010 Broadway Ave"}
    assert patched_user({"addresses": [WORK_ADDRESS]}, operation, dialect=STRICT) == {"addresses": [after]}


def test_replace_without_a_path_replaces_the_attributes_it_names_and_no_other() -> None:
    before = {"emails": [{"value": "old@example.com"}], "nickName": "Barbara", "title": "Dr"}
    emails = [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.test", "type": "home"},
    ]
    operation: dict[str, Any] = {"op": "replace", "value": {"emails": emails, "nickname": "Babs"}}
    assert patched_user(before, operation, dialect=STRICT) == {"title": "Dr", "nickName": "Babs", "emails": emails}


def test_an_attribute_named_with_its_urn_brings_its_schema_along() -> None:
    urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    found = patch(user(), add(f"{urn}:employeeNumber", "701984"), dialect=STRICT)[0].document
    assert found["schemas"][1:] == [urn]
    assert found[urn] == {"employeeNumber": "701984"}
