"""The tolerance table where it speaks of PATCH; each test bears the number of its row."""

from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.errors import ScimError
from scim.protocol.patch.apply import apply_patch
from scim.protocol.patch.request import read_patch_request
from scim.protocol.patch.rows import RemoveRows, ReplaceRows
from scim.protocol.schemas import USER
from tests.protocol.patching import (
    ENTERPRISE,
    USER_ID,
    add,
    member_changes,
    patch,
    patch_codes,
    patch_group,
    patched_user,
    refused_as,
    remove,
    replace,
    user,
)

MANAGER = f"{ENTERPRISE}:manager"
WORK = {"value": "a@x.test", "type": "work"}
HOME = {"value": "b@x.test", "type": "home"}


@pytest.mark.parametrize("op", ["Add", "REPLACE", "replace"])
def test_t01_the_case_of_op_does_not_matter(op: str) -> None:
    assert patched_user({}, {"op": op, "path": "title", "value": "Dr"}, dialect=STRICT) == {"title": "Dr"}


def test_t02_the_case_of_names_does_not_matter() -> None:
    request = {"SCHEMAS": [urns.PATCH_OP], "operations": [{"OP": "add", "Path": "Emails", "VALUE": [{"Value": "a"}]}]}
    reading = Reading(STRICT)
    operations = read_patch_request(request, reading=reading)
    assert apply_patch(USER, user(), operations, reading=reading).document["emails"] == [{"value": "a"}]


def test_t02_the_case_of_a_part_behind_brackets_does_not_matter() -> None:
    assert patched_user({}, add('emails[TYPE eq "other"].Value', "a")) == {"emails": [{"value": "a", "type": "other"}]}


def test_t03_a_boolean_may_come_as_text() -> None:
    assert patch_codes({}, replace("active", "False")) == ["W_BOOL_STRING"]
    assert patch(user(), replace("active", "False"))[0].document["active"] is False
    assert refused_as({}, replace("active", "yes")) == "invalidValue"


@pytest.mark.parametrize("listed", [[{"value": "u1"}], ["u1"], {"value": "u1"}, "u1", {"members": [{"value": "u1"}]}])
def test_t04_t05_a_remove_with_a_value_removes_what_is_listed_and_nothing_else(listed: Any) -> None:
    assert member_changes(remove("members", value=listed)) == (RemoveRows(("u1",)),)
    assert patch_group(remove("members", value=listed))[1] == ["W_REMOVE_VALUE"]


@pytest.mark.parametrize("listed", [[], {"members": []}, {"members": None}, [{"value": ""}]])
def test_t04_a_remove_with_nothing_listed_removes_nothing(listed: Any) -> None:
    assert member_changes(remove("members", value=listed)) == ()


@pytest.mark.parametrize("listed", [[WORK], [{"value": "A@X.test"}], WORK])
def test_t04_listed_values_are_removed_from_a_document(listed: Any) -> None:
    assert patched_user({"emails": [WORK, HOME]}, remove("emails", value=listed)) == {"emails": [HOME]}


@pytest.mark.parametrize("listed", [[{"value": "a@x.test", "type": "home"}], [], [{"value": "c@x.test"}]])
def test_t04_a_listed_value_that_is_not_there_is_no_error(listed: Any) -> None:
    assert patched_user({"emails": [WORK, HOME]}, remove("emails", value=listed)) == {"emails": [WORK, HOME]}


def test_t04_a_strict_client_is_refused() -> None:
    with pytest.raises(ScimError) as caught:
        patch_group(remove("members", value=[{"value": "u1"}]), dialect=STRICT)
    assert caught.value.scim_type == "invalidSyntax"


@pytest.mark.parametrize("operation", [remove("members"), remove("members", value=None)])
def test_t06_a_bare_remove_removes_all(operation: Any) -> None:
    assert member_changes(operation, dialect=STRICT) == (ReplaceRows(()),)


def test_t07_a_value_without_a_path_may_repeat_the_id() -> None:
    value = {"id": USER_ID, "schemas": [urns.USER], "meta": {"version": "1"}, "title": "Dr"}
    assert patched_user({}, replace(None, value), dialect=STRICT) == {"title": "Dr"}
    assert refused_as({}, replace(None, {**value, "id": "other"})) == "mutability"


def test_t08_a_key_of_a_value_may_be_a_path() -> None:
    value = {"name.givenName": "Ann", 'emails[type eq "work"].value': "n@x.test", "title": "Dr"}
    before = {"name": {"familyName": "Berg"}, "emails": [WORK]}
    after = {
        "name": {"familyName": "Berg", "givenName": "Ann"},
        "title": "Dr",
        "emails": [{"value": "n@x.test", "type": "work"}],
    }
    assert patched_user(before, replace(None, value)) == after
    assert patch_codes(before, replace(None, value)) == ["W_DOTTED_KEY"]
    assert refused_as(before, replace(None, value), dialect=STRICT) == "invalidSyntax"


def test_t09_a_key_may_be_an_extensions_attribute_with_its_urn() -> None:
    found = patched_user({}, replace(None, {f"{ENTERPRISE}:employeeNumber": "7"}), dialect=STRICT)
    assert found == {ENTERPRISE: {"employeeNumber": "7"}}


@pytest.mark.parametrize(
    ("path", "form"),
    [(MANAGER, "m1"), (MANAGER, [{"value": "m1"}]), ("manager", {"value": "m1"}), ("manager", [{"value": "m1"}])],
)
def test_t10_the_manager_may_come_in_other_forms(path: str, form: Any) -> None:
    assert patched_user({}, add(path, form)) == {ENTERPRISE: {"manager": {"value": "m1"}}}
    assert patch_codes({}, add(path, form)) == ["W_MANAGER_FORM"]
    assert refused_as({}, add(path, form), dialect=STRICT) == "invalidValue"


@pytest.mark.parametrize(
    "operation",
    [
        *(replace(MANAGER, form) for form in ("", None, {"value": ""}, [{"value": ""}])),
        replace(f"{MANAGER}.value", ""),
        remove(MANAGER),
        remove("manager"),
        remove(f"{MANAGER}.value"),
        remove(f'{MANAGER}[value eq "m1"]'),
    ],
)
def test_t10_the_manager_goes_in_every_form(operation: Any) -> None:
    before = {ENTERPRISE: {"manager": {"value": "m1", "$ref": "https://x.test/Users/m1"}}}
    assert patched_user(before, operation) == {}
    assert patch(user(**before), operation)[0].document["schemas"] == [urns.USER]


def test_t10_a_new_manager_is_not_found_at_the_former_ones_address() -> None:
    before = {ENTERPRISE: {"manager": {"value": "m1", "$ref": "https://x.test/Users/m1"}}}
    assert patched_user(before, replace(MANAGER, {"value": "m2"})) == {ENTERPRISE: {"manager": {"value": "m2"}}}


def test_t11_add_creates_what_a_value_path_does_not_find() -> None:
    operation = add('phoneNumbers[type eq "work"].value', "1")
    assert patched_user({}, operation, dialect=STRICT) == {"phoneNumbers": [{"value": "1", "type": "work"}]}


def test_t11_parts_of_one_created_value_go_into_one_value() -> None:
    parts = [add('addresses[type eq "work"].locality', "Leiden"), add('addresses[type eq "work"].country', "NL")]
    assert patched_user({}, *parts) == {"addresses": [{"locality": "Leiden", "country": "NL", "type": "work"}]}


def test_t11_replace_creates_too_with_a_warning() -> None:
    operation = replace('emails[type eq "work"].value', "a@x.test")
    assert patched_user({"emails": [HOME]}, operation) == {"emails": [HOME, WORK]}
    assert patch_codes({}, operation) == ["W_CREATED_ON_REPLACE"]
    assert refused_as({}, operation, dialect=STRICT) == "noTarget"


def test_t11_a_created_value_is_primary_only_when_the_path_says_so() -> None:
    assert patched_user({}, add('roles[type eq "x"].value', "E")) == {"roles": [{"value": "E", "type": "x"}]}
    assert patched_user({}, add("roles[primary eq true].value", "E")) == {"roles": [{"value": "E", "primary": True}]}


@pytest.mark.parametrize(
    "path", ['emails[value ew "@x.test"].display', 'emails[type co "x"].value', 'emails[value eq "c@x.test"].value']
)
def test_t11_nothing_is_created_that_its_own_path_would_not_find(path: str) -> None:
    assert refused_as({"emails": [{"value": "w", "type": "work"}]}, add(path, "new")) == "noTarget"


def test_t11_remove_of_what_is_absent_is_no_error() -> None:
    for path in ("title", "name.givenName", "emails", 'emails[type eq "x"]', 'emails[type eq "x"].value', ENTERPRISE):
        assert not patch(user(), remove(path), dialect=STRICT)[0].changes_document


@pytest.mark.parametrize("path", ["favouriteColour", "name.nick", "emails.color", 'emails[type eq "work"].color'])
def test_t12_an_unknown_path_is_refused_when_nothing_else_is_known(path: str) -> None:
    assert refused_as({}, replace(path, "green")) == "invalidPath"
    assert refused_as({}, remove(path)) == "invalidPath"
    assert refused_as({}, replace(path, "green"), replace("title", "Dr"), dialect=STRICT) == "invalidPath"


def test_t12_an_unknown_path_beside_a_known_one_is_left_out() -> None:
    operations = [replace("favouriteColour", "green"), replace("title", "Dr")]
    assert patched_user({}, *operations) == {"title": "Dr"}
    assert patch_codes({}, *operations) == ["W_UNKNOWN_ATTR"]


def test_t12_an_unknown_key_beside_a_known_one_is_left_out() -> None:
    assert patched_user({}, replace(None, {"favouriteColour": "green", "title": "Dr"})) == {"title": "Dr"}
    assert refused_as({}, replace(None, {"favouriteColour": "green"})) == "invalidPath"
    assert refused_as({}, replace(None, {"department": "R&D"})) == "invalidPath"


def test_t12_unknown_extensions_are_kept_as_they_came() -> None:
    assert patched_user({}, add("urn:example:x:User:badge", 7)) == {"urn:example:x:User": {"badge": 7}}
    assert patched_user({}, replace(None, {"urn:example:x:User": {"a": 1}})) == {"urn:example:x:User": {"a": 1}}


def test_t14_a_mistaken_urn_means_ours() -> None:
    path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department"
    assert patched_user({}, replace(path, "R&D")) == {ENTERPRISE: {"department": "R&D"}}
    assert patch_codes({}, replace(path, "R&D")) == ["W_SCHEMA_URI"]
    assert patched_user({}, replace("urn:scim:schemas:core:1.0:title", "Dr")) == {"title": "Dr"}


def test_t15_schemas_may_be_missing() -> None:
    reading = Reading()
    assert read_patch_request({"Operations": [replace("title", "Dr")]}, reading=reading)
    assert reading.codes == ("W_NO_SCHEMAS",)


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (replace("title", None), {"name": {"givenName": "Anna", "familyName": "Berg"}}),
        (replace(None, {"title": None}), {"name": {"givenName": "Anna", "familyName": "Berg"}}),
        (replace(None, {"name": {"familyName": None}}), {"name": {"givenName": "Anna"}, "title": "Dr"}),
        (replace("name", None), {"title": "Dr"}),
    ],
)
def test_t16_null_unassigns(operation: Any, after: Any) -> None:
    before = {"name": {"givenName": "Anna", "familyName": "Berg"}, "title": "Dr"}
    assert patched_user(before, operation, dialect=STRICT) == after


def test_t16_null_is_no_path() -> None:
    assert patched_user({}, {"op": "replace", "path": None, "value": {"title": "Dr"}}, dialect=STRICT) == {
        "title": "Dr"
    }


def test_t17_an_empty_array_unassigns() -> None:
    assert patched_user({"emails": [WORK]}, replace(None, {"emails": [], "groups": []}), dialect=STRICT) == {}


def test_t18_groups_of_a_user_are_ignored_in_a_value() -> None:
    assert patch_codes({}, replace(None, {"groups": [{"value": "g"}], "title": "Dr"})) == ["W_GROUPS_IGNORED"]
    assert refused_as({}, replace("groups", [{"value": "g"}])) == "mutability"


def test_t19_a_password_never_enters_the_document() -> None:
    found, _ = patch(user(), replace(None, {"password": "zq91-temp"}), dialect=STRICT)
    assert not found.changes_document
    assert found.secrets == {"password": "zq91-temp"}
    assert "zq91" not in repr(found)
