"""attributes, excludedAttributes and `returned` (RFC 7644 sections 3.4.2.5 and 3.9)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned, Schema
from scim.protocol.dialects.base import LENIENT, STRICT, Dialect, Reading
from scim.protocol.errors import ScimError
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.projection import DEFAULT_PROJECTION, View, make_view, read_projection
from scim.protocol.schemas import GROUP, USER
from scim.protocol.schemas.definitions import ResourceType
from tests.protocol.shapes import BADGED_USER, LAB

ENTERPRISE = urns.ENTERPRISE_USER
FOREIGN = "urn:example:x:2.0:User"
BJENSEN: JsonObject = {
    "schemas": [urns.USER, ENTERPRISE, FOREIGN],
    "userName": "bjensen",
    "name": {"familyName": "Jensen", "givenName": "Barbara"},
    "active": True,
    "emails": [{"value": "b@x.test", "type": "work"}, {"value": "babs@x.test"}],
    ENTERPRISE: {"department": "R&D", "manager": {"value": "26"}},
    FOREIGN: {"badge": 7, "color": "red"},
    "id": "2819c223",
    "meta": {"resourceType": "User", "version": 'W/"1"'},
}
RARE = "urn:example:rare:2.0:User"
RARE_USER = USER.with_extension(
    Schema(
        RARE,
        "Rare",
        "An attribute of each way to be returned",
        (
            Attribute("always", returned=Returned.ALWAYS),
            Attribute("request", returned=Returned.REQUEST),
            Attribute("never", returned=Returned.NEVER),
            Attribute("secret", mutability=Mutability.WRITE_ONLY),
            Attribute(
                "parts",
                type=AttributeType.COMPLEX,
                sub_attributes=(
                    Attribute("always", returned=Returned.ALWAYS),
                    Attribute("request", returned=Returned.REQUEST),
                    Attribute("never", returned=Returned.NEVER),
                    Attribute("usual"),
                ),
            ),
        ),
    ),
)
PARTS = {"always": "a", "request": "r", "never": "n", "usual": "u"}
RARE_DOCUMENT = {"id": "1", RARE: {"always": "a", "request": "r", "never": "n", "secret": "s", "parts": PARTS}}


def view(
    attributes: Json = None,
    excluded: Json = None,
    *,
    resource_type: ResourceType = BADGED_USER,
    dialect: Dialect = LENIENT,
) -> View:
    namespace = resource_type.namespace
    return make_view(
        resource_type, read_projection(attributes, excluded, namespace=namespace, reading=Reading(dialect))
    )


def shown(attributes: Json = None, excluded: Json = None) -> JsonObject:
    """What is shown of Barbara, but for what is always shown."""
    found = view(attributes, excluded).project(BJENSEN)
    assert found.pop("schemas") == BJENSEN["schemas"]
    assert found.pop("id") == BJENSEN["id"]
    return found


def test_without_parameters_all_is_shown_in_the_order_of_the_document() -> None:
    assert list(view().project(BJENSEN)) == list(BJENSEN)
    assert view().project(BJENSEN) == BJENSEN


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("userName", {"userName": "bjensen"}),
        ("id", {}),
        ("USERNAME , active", {"userName": "bjensen", "active": True}),
        (["userName", "active,id"], {"userName": "bjensen", "active": True}),
        ("name.givenName", {"name": {"givenName": "Barbara"}}),
        ("name,name.givenName", {"name": BJENSEN["name"]}),
        ("emails.value", {"emails": [{"value": "b@x.test"}, {"value": "babs@x.test"}]}),
        ("emails.type", {"emails": [{"type": "work"}]}),
        (f"{urns.USER}:userName", {"userName": "bjensen"}),
        (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "R&D"}}),
        ("department", {ENTERPRISE: {"department": "R&D"}}),
        (f"{ENTERPRISE}:manager.value", {ENTERPRISE: {"manager": {"value": "26"}}}),
        (ENTERPRISE.upper(), {ENTERPRISE: BJENSEN[ENTERPRISE]}),
        (FOREIGN, {FOREIGN: BJENSEN[FOREIGN]}),
        (f"{FOREIGN}:Badge", {FOREIGN: {"badge": 7}}),
        ("meta.version", {"meta": {"version": 'W/"1"'}}),
        ("favouriteColour", {}),
        (",", {}),
    ],
)
def test_attributes_show_what_they_name(attributes: Json, expected: JsonObject) -> None:
    assert shown(attributes) == expected


@pytest.mark.parametrize(
    ("excluded", "hidden"),
    [
        ("emails", {"emails": None}),
        ("id,schemas,nothing", {}),
        ("name.familyName", {"name": {"givenName": "Barbara"}}),
        ("name.familyName,name.givenName", {"name": None}),
        ("emails.type", {"emails": [{"value": "b@x.test"}, {"value": "babs@x.test"}]}),
        (ENTERPRISE, {ENTERPRISE: None}),
        (f"{ENTERPRISE}:manager", {ENTERPRISE: {"department": "R&D"}}),
        (FOREIGN, {FOREIGN: None}),
        (f"{FOREIGN}:badge", {FOREIGN: {"color": "red"}}),
    ],
)
def test_excluded_attributes_hide_what_they_name(excluded: str, hidden: JsonObject) -> None:
    expected = {**BJENSEN, **hidden}
    assert {**shown(None, excluded), "id": "2819c223", "schemas": BJENSEN["schemas"]} == {
        name: value for name, value in expected.items() if value is not None
    }


def test_the_urn_of_the_core_schema_names_its_attributes() -> None:
    assert set(shown(urns.USER)) == {"userName", "name", "active", "emails", "meta"}
    assert set(shown(None, urns.USER)) == {ENTERPRISE, FOREIGN}


def test_t67_a_value_path_is_read_as_its_attribute() -> None:
    assert shown('emails[type eq "work, home"],active') == {"emails": BJENSEN["emails"], "active": True}
    assert shown('emails[type eq "work"].type') == {"emails": [{"type": "work"}]}


def test_t62_a_dot_may_separate_the_urn_from_the_attribute() -> None:
    assert shown(f"{ENTERPRISE}.department") == {ENTERPRISE: {"department": "R&D"}}
    with pytest.raises(ScimError):
        view(f"{ENTERPRISE}.department", dialect=STRICT)


@pytest.mark.parametrize(("attributes", "excluded"), [("id", "name"), (7, None), ([7], None), (None, {"a": 1})])
def test_both_parameters_at_once_and_what_is_no_list_are_refused(attributes: Json, excluded: Json) -> None:
    with pytest.raises(ScimError) as caught:
        view(attributes, excluded)
    assert caught.value.scim_type == "invalidValue"


@pytest.mark.parametrize("empty", ["", None, []])
def test_an_empty_parameter_counts_as_none(empty: Json) -> None:
    assert view(empty, empty).project(BJENSEN) == BJENSEN
    assert view("id", empty).project(BJENSEN) == view("id").project(BJENSEN)


@pytest.mark.parametrize(
    ("attributes", "excluded", "expected"),
    [
        (None, None, {"always": "a", "parts": {"always": "a", "usual": "u"}}),
        ("id", None, {"always": "a", "parts": {"always": "a"}}),
        (None, RARE, {"always": "a", "parts": {"always": "a"}}),
        (None, f"{RARE}:always,{RARE}:parts.always", {"always": "a", "parts": {"always": "a", "usual": "u"}}),
        (f"{RARE}:request", None, {"always": "a", "request": "r", "parts": {"always": "a"}}),
        (RARE, None, {"always": "a", "parts": {"always": "a", "usual": "u"}}),
        (f"{RARE}:parts.request", None, {"always": "a", "parts": {"always": "a", "request": "r"}}),
        (f"{RARE}:never,{RARE}:secret,{RARE}:parts.never", None, {"always": "a", "parts": {"always": "a"}}),
    ],
)
def test_each_way_to_be_returned_is_kept(attributes: Json, excluded: Json, expected: JsonObject) -> None:
    found = view(attributes, excluded, resource_type=RARE_USER).project(RARE_DOCUMENT)
    assert found == {"id": "1", RARE: expected}


def test_a_view_tells_when_nothing_is_hidden() -> None:
    assert view().is_whole
    assert not view("userName").is_whole
    assert not view(None, "emails").is_whole
    assert not view(resource_type=RARE_USER).is_whole


@pytest.mark.parametrize(
    ("attributes", "excluded", "wanted"),
    [
        (None, None, True),
        ("members", None, True),
        ("members.value", None, True),
        (urns.GROUP, None, True),
        ("displayName", None, False),
        (None, "members", False),
        (None, "members.display", True),
        (None, urns.GROUP, False),
    ],
)
def test_a_view_tells_whether_members_are_to_be_read(attributes: Json, excluded: Json, *, wanted: bool) -> None:
    members = next(path for path in GROUP.attributes if path.text == "members")
    assert view(attributes, excluded, resource_type=GROUP).wants(members) is wanted


def test_what_the_resource_type_does_not_have_is_not_wanted() -> None:
    assert not view().wants(AttributePath(LAB, Attribute("unknown")))
    assert view().project({"unknown": 1, "password": "zq91", LAB: {"pin": "zq91"}}) == {}


NAMES = st.sampled_from([*(path.text for path in RARE_USER.paths), RARE, urns.USER, "x", "", "emails[", ","])
SECRETS: dict[str, Any] = {"password": "zq91", RARE: {"never": "zq91", "secret": "zq91", "parts": {"never": "zq91"}}}


@settings(max_examples=300, deadline=None)
@given(listed=st.lists(NAMES, max_size=5).map(",".join), excludes=st.booleans())
def test_no_projection_reveals_a_secret(*, listed: str, excludes: bool) -> None:
    chosen = view(None, listed, resource_type=RARE_USER) if excludes else view(listed, resource_type=RARE_USER)
    found = chosen.project({**BJENSEN, **SECRETS})
    assert "zq91" not in str(found)
    assert found["id"] == BJENSEN["id"]
    assert not chosen.is_whole


def test_a_view_of_parts_hides_parts_without_rules() -> None:
    only_parts = replace(USER, extensions=())
    assert view("name.givenName", resource_type=only_parts).project({"name": {"odd": 1}}) == {}


def test_view_of_the_default_is_made_once_for_a_type() -> None:
    assert make_view(USER, DEFAULT_PROJECTION) is make_view(USER, DEFAULT_PROJECTION)


def test_view_of_the_default_follows_a_changed_definition() -> None:
    before = make_view(USER, DEFAULT_PROJECTION)
    for changed in (RARE_USER, replace(USER, extensions=()), replace(USER, revision=USER.revision + 1)):
        assert make_view(changed, DEFAULT_PROJECTION) is not before
    rare = next(path for path in RARE_USER.attributes if path.text == f"{RARE}:always")
    assert (before.wants(rare), make_view(RARE_USER, DEFAULT_PROJECTION).wants(rare)) == (False, True)
