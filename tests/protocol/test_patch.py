"""PATCH beyond examples and tolerances: mutability, required values, selections, unknown extensions, bounds."""

from copy import deepcopy
from typing import Any

import pytest

from scim.protocol import bounds, urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.errors import ScimError
from scim.protocol.patch.request import read_patch_request
from scim.protocol.resource import Mode
from tests.protocol.patching import (
    ENTERPRISE,
    add,
    patch,
    patch_codes,
    patch_refusal,
    patched_user,
    refused_as,
    remove,
    replace,
    user,
)
from tests.protocol.shapes import ANNA, LAB, badge_required, document

FOREIGN = "urn:example:x:2.0:User"


def test_operations_apply_in_their_order() -> None:
    operations = [add("title", "A"), replace("title", "B"), remove("title"), add("nickName", "N")]
    assert patched_user({}, *operations, dialect=STRICT) == {"nickName": "N"}


def test_the_given_document_stays_as_it_is() -> None:
    before = user(name={"givenName": "A"}, emails=[{"value": "a", "primary": True}], **{LAB: {"doors": ["n"]}})
    copied = deepcopy(before)
    patch(
        before,
        replace("name.givenName", "B"),
        add("emails", [{"value": "b", "primary": True}]),
        remove(f'{LAB}:doors[value eq "n"]'),
        add(f"{LAB}:number", 1),
    )
    assert before == copied


def test_a_changed_document_has_the_order_of_its_schemas() -> None:
    found = patch(user(nickName="N"), add("name", {"familyName": "B"}), add("externalId", "1"))[0].document
    assert list(found) == ["schemas", "externalId", "userName", "name", "nickName", "active"]


def test_what_is_set_and_taken_back_makes_no_change() -> None:
    found, _ = patch(user(title="A"), replace("title", "B"), replace("title", "A"))
    assert not found.changes_document


@pytest.mark.parametrize(
    "path", ["id", "meta", "meta.created", "groups", f"{ENTERPRISE}:manager.displayName", 'groups[value eq "1"]']
)
def test_a_read_only_path_is_refused_as_mutability(path: str) -> None:
    assert refused_as({}, replace(path, "x")) == "mutability"
    assert refused_as({}, remove(path)) == "mutability"


def test_read_only_parts_of_a_value_are_ignored() -> None:
    manager = {"value": "m1", "displayName": "Boss"}
    assert patched_user({}, add(f"{ENTERPRISE}:manager", manager), dialect=STRICT) == {
        ENTERPRISE: {"manager": {"value": "m1"}}
    }


def test_an_immutable_attribute_is_set_once() -> None:
    before = {LAB: {"serial": "S1"}}
    assert patched_user({}, add(f"{LAB}:serial", "S1"), dialect=STRICT) == before
    assert patched_user(before, replace(f"{LAB}:serial", "S1"), dialect=STRICT) == before
    for operation in (
        replace(f"{LAB}:serial", "S2"),
        remove(f"{LAB}:serial"),
        replace(None, {LAB: {"serial": None}}),
        remove(LAB),
    ):
        assert refused_as(before, operation) == "mutability"


def test_an_immutable_part_is_set_once() -> None:
    before = {LAB: {"office": {"site": "HQ", "room": "5"}}}
    assert patched_user(before, replace(f"{LAB}:office", {"site": "Lab"})) == {
        LAB: {"office": {"site": "Lab", "room": "5"}}
    }
    for operation in (replace(f"{LAB}:office.room", "6"), remove(f"{LAB}:office.room"), remove(f"{LAB}:office")):
        assert refused_as(before, operation) == "mutability"


@pytest.mark.parametrize("path", ["userName", "schemas", urns.USER])
def test_what_a_resource_cannot_do_without_is_not_removed(path: str) -> None:
    assert refused_as({}, remove(path)) == "mutability"


def test_a_part_that_its_value_cannot_do_without_is_not_removed() -> None:
    before = {LAB: {"office": {"site": "HQ"}}}
    assert refused_as(before, remove(f"{LAB}:office.site")) == "mutability"
    assert refused_as({}, add(f"{LAB}:office.room", "5")) == "invalidValue"


def test_a_required_extension_is_not_removed() -> None:
    before = {LAB: {"number": 1}}
    assert refused_as(before, remove(LAB), resource_type=badge_required()) == "mutability"
    assert patched_user(before, remove(LAB)) == {}


def test_null_leaves_active_as_it_is() -> None:
    found, _ = patch({**user(), "active": False}, replace(None, {"active": None, "title": "Dr"}), dialect=STRICT)
    assert found.document["active"] is False


def test_active_is_unassigned_by_a_remove_and_given_back_by_no_replacement() -> None:
    """RFC 7644 section 3.5.2.2: what isn't required is considered unassigned. A PUT without it activates nobody."""
    found, _ = patch({**user(), "active": False}, remove("active"))
    assert "active" not in found.document
    assert "active" not in document(ANNA, mode=Mode.REPLACE, current=found.document)


def test_remove_without_a_path_has_no_target() -> None:
    assert refused_as({}, remove(None)) == "noTarget"


@pytest.mark.parametrize("operation", [{"op": "add", "path": "title"}, {"op": "replace", "path": "title"}])
def test_add_and_replace_need_a_value(operation: Any) -> None:
    assert refused_as({}, operation) == "invalidValue"


@pytest.mark.parametrize("path", [7, ["title"], "", "title]", "[", 'emails[type eq "x"]value', '[type eq "x"]'])
def test_what_is_not_a_path_is_refused_as_invalid_path(path: Any) -> None:
    assert refused_as({}, add(path, "x")) == "invalidPath"


@pytest.mark.parametrize(
    "path", ["emails[", 'emails[type eq "x"', "emails[]", 'emails[type is "x"]', 'title[value eq "x"]', 'a[b "x"]']
)
def test_what_is_no_filter_is_refused(path: str) -> None:
    assert refused_as({}, add(path, "x")) in ("invalidFilter", "invalidPath")


@pytest.mark.parametrize("value", ["Dr", 7, None, [{"title": "Dr"}]])
def test_a_value_without_a_path_has_to_be_an_object(value: Any) -> None:
    assert refused_as({}, replace(None, value)) == "invalidValue"


@pytest.mark.parametrize(
    "value",
    [
        {"title": "A", "TITLE": "B"},
        {"title": "A", f"{urns.USER}:title": "B"},
        {f"{FOREIGN}:a": 1, f"{FOREIGN.upper()}:A": 2},
        {'emails[type eq "x"].value': "a", 'EMAILS[Type eq "x"].VALUE': "b"},
    ],
)
def test_an_attribute_named_twice_in_one_value_is_refused(value: Any) -> None:
    assert refused_as({}, add(None, value)) == "invalidSyntax"


def test_a_path_without_brackets_means_that_part_of_every_value() -> None:
    before = {"emails": [{"value": "a", "display": "A"}, {"value": "b", "display": "B"}]}
    assert patched_user(before, remove("emails.display")) == {"emails": [{"value": "a"}, {"value": "b"}]}
    assert patched_user({}, add("emails.value", "a")) == {"emails": [{"value": "a"}]}


def test_replace_of_chosen_values_by_null_removes_them() -> None:
    before = {"emails": [{"value": "a", "type": "work"}, {"value": "b"}]}
    assert patched_user(before, replace('emails[type eq "work"]', None)) == {"emails": [{"value": "b"}]}


def test_a_chosen_value_may_come_in_an_array_of_one() -> None:
    before = {"emails": [{"value": "a", "type": "work"}]}
    after = {"emails": [{"value": "n", "type": "work"}]}
    assert patched_user(before, replace('emails[type eq "work"]', [{"value": "n"}])) == after
    assert refused_as(before, replace('emails[type eq "work"]', [{"value": "n"}, {"value": "m"}])) == "invalidValue"


def test_simple_values_are_added_chosen_and_removed() -> None:
    doors = {LAB: {"doors": ["north", "south"]}}
    assert patched_user({}, add(f"{LAB}:doors", "north"), add(f"{LAB}:doors", ["NORTH", "south"])) == doors
    assert patched_user(doors, remove(f'{LAB}:doors[value eq "north"]')) == {LAB: {"doors": ["south"]}}
    assert patched_user(doors, replace(f'{LAB}:doors[value eq "north"].value', "east")) == {
        LAB: {"doors": ["east", "south"]}
    }
    assert patched_user(doors, remove(f"{LAB}:doors", value=["south"])) == {LAB: {"doors": ["north"]}}


def test_a_value_path_may_choose_a_single_value() -> None:
    before = {"name": {"givenName": "A"}}
    assert patched_user(before, replace('name[givenName eq "a"].familyName', "B")) == {
        "name": {"familyName": "B", "givenName": "A"}
    }
    assert refused_as(before, replace('name[givenName eq "c"].familyName', "B")) == "noTarget"


def test_what_is_listed_for_an_extension_is_removed_alone() -> None:
    before = {ENTERPRISE: {"division": "A", "department": "B"}}
    operation = remove(ENTERPRISE, value={"division": "A"})
    assert patched_user(before, operation) == {ENTERPRISE: {"department": "B"}}
    assert patch_codes(before, operation) == ["W_REMOVE_VALUE"]


def test_a_secret_may_be_unassigned() -> None:
    found, _ = patch(user(**{LAB: {"number": 1}}), remove("password"), remove(LAB))
    assert found.secrets == {"password": None, f"{LAB}:pin": None}


@pytest.mark.parametrize(
    ("operations", "after"),
    [
        ([add(FOREIGN, {"b": 2})], {FOREIGN: {"a": [1], "b": 2}}),
        ([add(f"{FOREIGN}:A", [1, 2])], {FOREIGN: {"a": [1, 2]}}),
        ([replace(f"{FOREIGN}:a", {"c": 1})], {FOREIGN: {"a": {"c": 1}}}),
        ([add(f"{FOREIGN}:b", {"c": 1}), add(f"{FOREIGN}:b", {"d": 1})], {FOREIGN: {"a": [1], "b": {"c": 1, "d": 1}}}),
        ([remove(f"{FOREIGN}:a", value=[1])], {}),
        ([remove(f"{FOREIGN}:a")], {}),
        ([remove(FOREIGN.upper())], {}),
        ([remove("urn:example:other:User:a")], {FOREIGN: {"a": [1]}}),
        ([replace(FOREIGN, {"a": None})], {}),
        ([replace(FOREIGN, None)], {}),
        ([remove(FOREIGN, value={"A": 1})], {}),
        (
            [add(f"{FOREIGN}:b", {"c": 1, "d": 1}), replace(FOREIGN, {"b": {"c": None}})],
            {FOREIGN: {"a": [1], "b": {"d": 1}}},
        ),
    ],
)
def test_unknown_extensions_are_changed_as_they_came(operations: Any, after: Any) -> None:
    before = {FOREIGN: {"a": [1]}}
    found = patch(user(**before), *operations)[0].document
    assert {name: value for name, value in found.items() if name == FOREIGN} == after
    assert found["schemas"] == [urns.USER, *after]


def test_an_unknown_extension_has_to_be_an_object_under_a_urn() -> None:
    assert refused_as({FOREIGN: {"a": [1]}}, replace(FOREIGN, "x")) == "invalidValue"
    assert refused_as({}, replace("urn:a:b", "x")) == "invalidPath"


def test_a_request_holds_1000_operations_at_most() -> None:
    operations = [replace("title", "Dr")] * bounds.PATCH_OPERATIONS
    assert patched_user({}, *operations) == {"title": "Dr"}
    assert patch_refusal({}, *operations, replace("title", "Dr")).status == 413


def test_operations_look_at_a_bounded_number_of_values() -> None:
    emails = [{"value": f"{number}@x.test"} for number in range(1000)]
    operations = [replace('emails[value eq "1@x.test"].display', f"{number}") for number in range(150)]
    assert refused_as({"emails": emails}, *operations) == "tooMany"


def test_a_resource_stays_within_1_mib() -> None:
    operations = [add(f"urn:example:x{number}:a:b", "x" * 60_000) for number in range(20)]
    assert refused_as({}, *operations) == "invalidValue"


@pytest.mark.parametrize("operations", [None, {}, "add", [None]])
def test_operations_have_to_be_an_array_of_objects(operations: Any) -> None:
    with pytest.raises(ScimError) as caught:
        read_patch_request({"schemas": [urns.PATCH_OP], "Operations": operations}, reading=Reading())
    assert caught.value.scim_type == "invalidSyntax"


def test_a_member_of_an_operation_named_twice_is_refused() -> None:
    assert refused_as({}, {"op": "add", "OP": "remove", "path": "title"}) == "invalidSyntax"
