"""The tolerance table where it speaks of values that PATCH brings (T36 on); each test bears the number of its row."""

from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import STRICT
from scim.protocol.patch.rows import AddRows, ReplaceRows
from tests.protocol.patching import (
    ENTERPRISE,
    add,
    member_changes,
    patch,
    patch_codes,
    patch_group,
    patched_user,
    refused_as,
    replace,
    user,
)

MANAGER = f"{ENTERPRISE}:manager"
WORK = {"value": "a@x.test", "type": "work"}
HOME = {"value": "b@x.test", "type": "home"}


@pytest.mark.parametrize("empty", [[], None])
def test_t36_members_may_be_replaced_by_nothing(empty: Any) -> None:
    assert member_changes(replace("members", empty)) == (ReplaceRows(()),)
    assert member_changes(replace(None, {"members": empty})) == (ReplaceRows(()),)
    assert patch_group(replace("members", empty))[1] == ([] if empty == [] else ["W_NULL_REPLACE"])


def test_t36_a_strict_client_cannot_replace_by_null() -> None:
    assert refused_as({}, replace("emails", None), dialect=STRICT) == "invalidValue"


def test_t37_members_come_in_every_form_and_once_each() -> None:
    listed = ["u1", {"value": "u2", "$ref": None, "display": "B"}, {"value": "u1"}, {"value": "u3", "type": "User"}]
    elements = ({"value": "u1"}, {"value": "u2"}, {"value": "u3", "type": "User"})
    assert member_changes(add("members", listed)) == (AddRows(elements),)


@pytest.mark.parametrize("operation", [{"op": "move", "path": "a"}, {"path": "title", "value": 1}, {"op": 1}, {}, 7])
def test_t41_an_unknown_or_missing_op_is_refused(operation: Any) -> None:
    assert refused_as({}, operation) == "invalidSyntax"


def test_t42_a_request_needs_an_operation() -> None:
    assert refused_as({}) == "invalidSyntax"


def test_t43_add_replaces_a_single_value() -> None:
    assert patched_user({"title": "Mr"}, add("title", "Dr"), dialect=STRICT) == {"title": "Dr"}
    assert patched_user({"emails": [WORK]}, add('emails[type eq "work"].value', "n")) == {
        "emails": [{"value": "n", "type": "work"}]
    }


@pytest.mark.parametrize(
    "value", [WORK, [WORK, WORK], [{"value": "A@X.test"}], {"value": "a@x.test", "primary": False}, [], None]
)
def test_t44_adding_what_is_there_changes_nothing(value: Any) -> None:
    before = user(emails=[WORK, HOME])
    found, _ = patch(before, add("emails", value), dialect=STRICT)
    assert found.document is before
    assert not found.changes_document


def test_t44_a_value_that_is_there_takes_new_parts_over() -> None:
    assert patched_user({"emails": [WORK]}, add("emails", [{**WORK, "display": "A"}])) == {
        "emails": [{"value": "a@x.test", "display": "A", "type": "work"}]
    }


@pytest.mark.parametrize(
    "operation",
    [
        replace("name", {"familyName": "Dahl"}),
        add("name", {"familyName": "Dahl"}),
        replace(None, {"name": {"familyName": "Dahl"}}),
        replace(urns.USER, {"name": {"familyName": "Dahl"}}),
    ],
)
def test_t45_an_object_merges(operation: Any) -> None:
    before = {"name": {"givenName": "Anna", "familyName": "Berg"}}
    after = {"name": {"familyName": "Dahl", "givenName": "Anna"}}
    assert patched_user(before, operation, dialect=STRICT) == after


@pytest.mark.parametrize(
    "operation", [replace(None, {ENTERPRISE: {"department": "B"}}), add(ENTERPRISE, {"department": "B"})]
)
def test_t45_an_extension_merges(operation: Any) -> None:
    before = {ENTERPRISE: {"division": "South", "department": "A"}}
    after = {ENTERPRISE: {"division": "South", "department": "B"}}
    assert patched_user(before, operation, dialect=STRICT) == after


def test_t46_empty_text_unassigns_what_is_optional() -> None:
    assert patched_user({"title": "Dr"}, replace("title", ""), dialect=STRICT) == {}
    assert patched_user({"emails": [WORK]}, replace('emails[type eq "work"].value', "")) == {}
    assert refused_as({}, replace("userName", "")) == "invalidValue"


def test_t47_a_role_may_come_as_json_text() -> None:
    text = '{"id":"1","value":"Lab.Admin","displayName":"Lab admin"}'
    after = {"roles": [{"value": "Lab.Admin", "display": "Lab admin"}]}
    assert patched_user({}, add("roles", [{"value": text}])) == after
    assert patched_user({}, add("roles", text)) == after
    primary = patched_user({}, add("roles[primary eq true].value", text))
    assert primary == {"roles": [{"value": "Lab.Admin", "display": "Lab admin", "primary": True}]}
    assert patch_codes({}, add("roles", [{"value": text}])) == ["W_ROLE_JSON"]


def test_t48_a_boolean_may_be_quoted_in_a_path() -> None:
    operation = add('roles[primary eq "True"].value', "Editor")
    assert patched_user({}, operation) == {"roles": [{"value": "Editor", "primary": True}]}
    assert refused_as({}, operation, dialect=STRICT) == "invalidFilter"


@pytest.mark.parametrize(
    "operation",
    [
        add("emails", [{**HOME, "primary": True}]),
        replace('emails[type eq "home"].primary', True),
        replace('emails[type eq "home"]', {"primary": True}),
    ],
)
def test_t49_the_newest_primary_wins(operation: Any) -> None:
    before = {"emails": [{**WORK, "primary": True}, HOME]}
    after = {"emails": [{**WORK, "primary": False}, {**HOME, "primary": True}]}
    assert patched_user(before, operation, dialect=STRICT) == after


def test_t49_of_several_that_become_primary_at_once_the_first_wins() -> None:
    emails = [{**WORK, "primary": True}, {**HOME, "primary": False}]
    assert patched_user({"emails": [WORK, HOME]}, replace("emails.primary", True)) == {"emails": emails}
    assert patch_codes({"emails": [WORK, HOME]}, replace("emails.primary", True)) == ["W_TWO_PRIMARIES"]


def test_t50_two_values_may_have_one_type() -> None:
    second = {"value": "c@x.test", "type": "work"}
    assert patched_user({"emails": [WORK]}, add("emails", [second]), dialect=STRICT) == {"emails": [WORK, second]}


def test_t62_a_dot_may_separate_the_urn_from_the_attribute() -> None:
    operation = replace(f"{ENTERPRISE}.department", "R&D")
    assert patched_user({}, operation) == {ENTERPRISE: {"department": "R&D"}}
    assert refused_as({}, operation, dialect=STRICT) == "invalidPath"


def test_t63_other_members_of_an_operation_are_ignored() -> None:
    assert patched_user({}, {"name": "setTitle", **add("title", "Dr")}, dialect=STRICT) == {"title": "Dr"}


def test_a_bare_extension_name_is_a_path_when_it_is_unambiguous() -> None:
    assert patched_user({}, replace("department", "R&D"), dialect=STRICT) == {ENTERPRISE: {"department": "R&D"}}
