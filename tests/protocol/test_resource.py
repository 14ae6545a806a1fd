"""Incoming resources made canonical (RFC 7643 sections 2 and 3, RFC 7644 sections 3.3 and 3.5.1)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol import urns
from scim.protocol.dialects.base import STRICT
from scim.protocol.errors import ScimError
from scim.protocol.resource import Mode
from scim.protocol.schemas import GROUP
from tests.protocol.shapes import ANNA, BADGED_USER, LAB, badge_required, codes, document, read, refusal

STAFF: dict[str, Any] = {"schemas": [urns.GROUP], "displayName": "Staff"}


def test_a_minimal_user_is_active_and_has_our_schemas() -> None:
    assert document(ANNA) == {"schemas": [urns.USER], "userName": "anna", "active": True}


def test_names_get_the_casing_of_the_schema() -> None:
    body = {**ANNA, "NAME": {"GivenName": "Anna"}, "Emails": [{"Value": "a@x.test", "PRIMARY": True}]}
    assert read(body, dialect=STRICT)[0].document == {
        "schemas": [urns.USER],
        "userName": "anna",
        "name": {"givenName": "Anna"},
        "active": True,
        "emails": [{"value": "a@x.test", "primary": True}],
    }


def test_values_keep_their_casing_and_blanks() -> None:
    assert document({**ANNA, "userName": " Anna "})["userName"] == " Anna "


@pytest.mark.parametrize(("name", "unassigned"), [("title", None), ("title", ""), ("roles", []), ("name", {})])
def test_null_and_empty_values_are_unassigned(name: str, unassigned: Any) -> None:
    assert document({**ANNA, name: unassigned}) == document(ANNA)


def test_an_object_of_unassigned_parts_is_unassigned() -> None:
    body = {**ANNA, "name": {"givenName": "", "familyName": None}, urns.ENTERPRISE_USER: {"department": ""}}
    assert document(body) == document(ANNA)


@pytest.mark.parametrize("body", [{"schemas": [urns.USER]}, {**ANNA, "userName": ""}, {**ANNA, "userName": None}])
def test_a_required_attribute_has_to_be_assigned(body: dict[str, Any]) -> None:
    error = refusal(body)
    assert (error.status, error.scim_type, error.detail) == (400, "invalidValue", "userName is required.")


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"title": 7}, "title"),
        ({"active": ""}, "active"),
        ({"name": ""}, "name"),
        ({"name": "Anna"}, "name"),
        ({"name": {"givenName": ["Anna"]}}, "name.givenName"),
        ({"emails": {"value": "a@x.test"}}, "emails"),
        ({"emails": ["a@x.test"]}, "emails[0]"),
        ({"emails": [{"value": "a"}, {"value": 1}]}, "emails[1].value"),
        ({"emails": [{"value": "a", "primary": "yes"}]}, "emails[0].primary"),
        ({urns.ENTERPRISE_USER: {"department": 1}}, f"{urns.ENTERPRISE_USER}:department"),
        ({urns.ENTERPRISE_USER: ["R&D"]}, urns.ENTERPRISE_USER),
        ({urns.ENTERPRISE_USER: {"manager": [{"value": "1"}, {"value": "2"}]}}, f"{urns.ENTERPRISE_USER}:manager"),
        ({LAB: {"office": {"room": "1"}}}, f"{LAB}:office.site"),
        ({LAB: {"doors": [1]}}, f"{LAB}:doors[0]"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_path(members: dict[str, Any], place: str) -> None:
    error = refusal({**ANNA, **members})
    assert error.scim_type == "invalidValue"
    assert error.detail.startswith(f"{place} ")


@pytest.mark.parametrize(
    "members",
    [
        {"USERNAME": "anna"},
        {f"{urns.USER}:userName": "anna"},
        {"name": {"givenName": "A", "GIVENNAME": "B"}},
        {"name": {"givenName": "A"}, "name.givenName": "B"},
        {urns.ENTERPRISE_USER: {"division": "A"}, f"{urns.ENTERPRISE_USER}:division": "A"},
        {"urn:example:a:U": {"x": 1}, "URN:example:a:U": {"y": 1}},
        {"urn:example:a:U": {"x": 1}, "urn:example:a:U:x": 2},
    ],
)
def test_an_attribute_named_twice_is_refused_as_invalid_syntax(members: dict[str, Any]) -> None:
    assert refusal({**ANNA, **members}).scim_type == "invalidSyntax"


def test_read_only_attributes_are_ignored() -> None:
    body = {
        **ANNA,
        "id": "7",
        "meta": {"created": "yesterday"},
        urns.ENTERPRISE_USER: {"manager": {"displayName": "B"}},
    }
    assert read(body, dialect=STRICT)[0].document == document(ANNA)


def test_a_password_is_kept_out_of_the_document_and_of_every_rendering() -> None:
    found, _ = read({**ANNA, "Password": "zq91-temp", LAB: {"pin": "zq91-temp"}})
    assert found.document == document(ANNA)
    assert found.secrets == {"password": "zq91-temp", f"{LAB}:pin": "zq91-temp"}
    assert "zq91" not in repr(found)


def test_what_the_client_named_is_told_even_when_it_is_unassigned() -> None:
    found, _ = read({**ANNA, "TITLE": None, f"{urns.ENTERPRISE_USER}:division": "A"})
    assert found.mentioned == {"schemas", "userName", "title", f"{urns.ENTERPRISE_USER}:division"}


@pytest.mark.rfc("7643#4.3")
def test_an_extension_may_be_spelled_as_object_or_by_urn() -> None:
    nested = {**ANNA, urns.ENTERPRISE_USER: {"department": "R&D"}}
    flat = {**ANNA, f"{urns.ENTERPRISE_USER.upper()}:DEPARTMENT": "R&D"}
    assert document(nested) == document(flat)
    assert document(nested)["schemas"] == [urns.USER, urns.ENTERPRISE_USER]


def test_core_attributes_may_come_under_their_urn() -> None:
    assert document({"schemas": [urns.USER], urns.USER: {"userName": "anna"}}) == document(ANNA)


def test_every_type_of_attribute_is_kept_in_an_extension() -> None:
    badge = {
        "number": 7,
        "height": 1.5,
        "issued": "2024-05-13T04:42:34Z",
        "valid": True,
        "chip": "AA==",
        "page": "https://x.test/",
        "serial": "S1",
        "doors": ["north", "south"],
        "office": {"site": "HQ", "room": "5"},
    }
    assert document({**ANNA, LAB: badge}, dialect=STRICT)[LAB] == badge


def test_a_required_extension_has_to_be_there() -> None:
    assert refusal(ANNA, resource_type=badge_required()).detail == f"{LAB} is required."
    assert document({**ANNA, LAB: {"number": 1}}, resource_type=badge_required())


@pytest.mark.parametrize(("size", "passes"), [(900, True), (1100, False)])
def test_a_resource_is_bounded_by_1_mib(size: int, *, passes: bool) -> None:
    body = {**ANNA, "roles": [{"value": "x" * 1000} for _ in range(size)]}
    if passes:
        assert document(body)
    else:
        assert refusal(body).detail == "The resource is larger than 1048576 bytes."


def test_an_unknown_extension_is_kept_without_what_is_unassigned() -> None:
    bag = {"badge": "B-7719", "level": 0, "open": False, "gone": None, "empty": {"a": [None, ""]}, "list": [None, 1]}
    found = document({**ANNA, "urn:example:unknown:2.0:User": bag}, dialect=STRICT)
    assert found["urn:example:unknown:2.0:User"] == {"badge": "B-7719", "level": 0, "open": False, "list": [1]}
    assert found["schemas"] == [urns.USER, "urn:example:unknown:2.0:User"]


def test_text_in_an_unknown_extension_is_bounded() -> None:
    assert "longer than" in refusal({**ANNA, "urn:example:unknown:2.0:User": {"a": ["x" * 70_000]}}).detail


def test_replacing_keeps_active_when_it_is_left_out() -> None:
    current = {**document(ANNA), "active": False}
    assert document(ANNA, mode=Mode.REPLACE, current=current)["active"] is False
    assert document({**ANNA, "active": None}, mode=Mode.REPLACE, current=current)["active"] is False
    assert document({**ANNA, "active": True}, mode=Mode.REPLACE, current=current)["active"] is True


def test_replacing_clears_what_is_left_out() -> None:
    current = document({**ANNA, "title": "Boss", urns.ENTERPRISE_USER: {"division": "A"}})
    assert document(ANNA, mode=Mode.REPLACE, current=current) == document(ANNA)


def test_an_immutable_value_may_be_set_repeated_and_left_out() -> None:
    current = document({**ANNA, LAB: {"serial": "S1", "office": {"site": "HQ", "room": "5"}}})
    assert document({**ANNA, LAB: {"serial": "S1"}}, mode=Mode.REPLACE, current=document(ANNA))[LAB]["serial"] == "S1"
    assert document(current, mode=Mode.REPLACE, current=current) == current
    moved = document({**ANNA, LAB: {"office": {"site": "Lab"}}}, mode=Mode.REPLACE, current=current)
    assert moved[LAB] == {"serial": "S1", "office": {"site": "Lab", "room": "5"}}


@pytest.mark.parametrize(
    ("badge", "place"),
    [({"serial": "S2"}, f"{LAB}:serial"), ({"office": {"site": "HQ", "room": "6"}}, f"{LAB}:office.room")],
)
def test_an_immutable_value_can_not_be_changed(badge: dict[str, Any], place: str) -> None:
    current = document({**ANNA, LAB: {"serial": "S1", "office": {"site": "HQ", "room": "5"}}})
    error = refusal({**ANNA, LAB: badge}, mode=Mode.REPLACE, current=current)
    assert (error.status, error.scim_type) == (400, "mutability")
    assert error.detail.startswith(place)


def test_members_are_kept_apart_and_once_each() -> None:
    members = [{"value": "1"}, "2", {"VALUE": "1", "type": "User", "$ref": None}, {"value": "3", "display": "Carl"}]
    found, warned = read({**STAFF, "members": members}, resource_type=GROUP, dialect=STRICT)
    assert found.document == {"schemas": [urns.GROUP], "displayName": "Staff"}
    assert [member["value"] for member in found.rows["members"]] == ["1", "2", "3"]
    assert found.rows["members"][2] == {"value": "3"}
    assert not warned


@pytest.mark.parametrize(("body", "mentioned"), [(STAFF, False), ({**STAFF, "members": []}, True)])
def test_a_group_without_members_tells_whether_they_were_named(body: dict[str, Any], *, mentioned: bool) -> None:
    found, _ = read(body, resource_type=GROUP)
    assert found.rows == {"members": []}
    assert ("members" in found.mentioned) is mentioned


def test_a_member_needs_a_value() -> None:
    assert refusal({**STAFF, "members": [{"$ref": "Users/1"}]}, resource_type=GROUP).detail == (
        "members[0].value is required."
    )


def test_members_do_not_count_for_the_size_of_a_group() -> None:
    members = [{"value": f"{number:036}"} for number in range(30_000)]
    assert len(read({**STAFF, "members": members}, resource_type=GROUP)[0].rows["members"]) == 30_000


NAMES = st.sampled_from([str(path) for path in BADGED_USER.paths]) | st.text(max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "True", "work", "AA", "{"])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "type", "primary", "givenName", "display", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_any_body_is_read_or_refused_and_reading_the_result_changes_nothing(members: dict[str, Any]) -> None:
    try:
        found, _ = read({"userName": "anna", **members})
    except ScimError as error:
        assert error.scim_type in ("invalidValue", "invalidSyntax")  # noqa: PT017 - a refusal is one of two fair outcomes
        return
    again, warned = read(json.loads(json.dumps(found.document)))
    assert again.document == found.document
    assert not warned


def test_the_warnings_of_one_body_are_each_noted_once() -> None:
    body = {"userName": "anna", "active": "True", "shoeSize": 42, "nickname": "x", "hatSize": 7}
    assert codes(body) == ["W_UNKNOWN_ATTR", "W_NO_SCHEMAS", "W_BOOL_STRING"]
