"""What is accepted with a warning, and refused in strict mode: one case per form that arrives."""

from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import LONGEST_PLACE, MOST_NOTES, STRICT, Dialect, Reading
from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from scim.protocol.errors import ScimError
from scim.protocol.resource import Mode
from tests.protocol.shapes import ANNA, codes, document, filter_codes, filter_refusal, read, refusal

ENTERPRISE = urns.ENTERPRISE_USER
BOSS = {ENTERPRISE: {"manager": {"value": "b1"}}}
ROLE = '{"id":"2c1f","value":"Lab.Admin","displayName":"Lab admin"}'

# members of the body, what they amount to, warning
FORMS = [
    pytest.param({"active": "False"}, {"active": False}, "W_BOOL_STRING", id="T03-boolean-as-text"),
    pytest.param(
        {"emails": [{"value": "a", "primary": "true"}]},
        {"emails": [{"value": "a", "primary": True}]},
        "W_BOOL_STRING",
        id="T03-boolean-part-as-text",
    ),
    pytest.param({"name.givenName": "Anna"}, {"name": {"givenName": "Anna"}}, "W_DOTTED_KEY", id="T08-dotted-key"),
    pytest.param(
        {"name.givenName": "Anna", "name": {"familyName": "Berg"}},
        {"name": {"familyName": "Berg", "givenName": "Anna"}},
        "W_DOTTED_KEY",
        id="T08-dotted-key-beside-object",
    ),
    pytest.param({ENTERPRISE: {"manager": "b1"}}, BOSS, "W_MANAGER_FORM", id="T10-manager-as-text"),
    pytest.param({ENTERPRISE: {"manager": ["b1"]}}, BOSS, "W_MANAGER_FORM", id="T10-manager-in-array"),
    pytest.param(
        {f"{ENTERPRISE}:manager": [{"value": "b1"}]}, BOSS, "W_MANAGER_FORM", id="T10-manager-object-in-array"
    ),
    pytest.param({ENTERPRISE: {"manager": ""}}, {}, "W_MANAGER_FORM", id="T10-manager-empty"),
    pytest.param(
        {ENTERPRISE: {"manager": {"value": "", "displayName": " "}}}, {}, "W_MANAGER_FORM", id="T10-manager-empty-value"
    ),
    pytest.param({"prefferedLanguage": "en"}, {}, "W_UNKNOWN_ATTR", id="T12-unknown-attribute"),
    pytest.param({"department": None}, {}, "W_UNKNOWN_ATTR", id="T12-attribute-of-an-extension-at-the-top"),
    pytest.param({"emails.value": "a"}, {}, "W_UNKNOWN_ATTR", id="T12-dotted-multi-valued"),
    pytest.param({f"{ENTERPRISE}:shoeSize": 42}, {}, "W_UNKNOWN_ATTR", id="T12-unknown-in-known-extension"),
    pytest.param({ENTERPRISE: {"shoeSize": 42}}, {}, "W_UNKNOWN_ATTR", id="T12-unknown-in-known-container"),
    pytest.param(
        {"addresses": [{"city": "Gent", "locality": "Gent"}]},
        {"addresses": [{"locality": "Gent"}]},
        "W_UNKNOWN_ATTR",
        id="T12-unknown-sub-attribute",
    ),
    pytest.param({"": 1}, {}, "W_UNKNOWN_ATTR", id="T12-no-name"),
    pytest.param({"urn:x:": 1}, {}, "W_UNKNOWN_ATTR", id="T12-urn-without-a-name"),
    pytest.param({"schemas": [urns.USER, f"{ENTERPRISE[:-5]}User"]}, {}, "W_SCHEMA_URI", id="T14-mistyped"),
    pytest.param({"schemas": ["urn:scim:schemas:core:1.0"]}, {}, "W_SCHEMA_URI", id="T14-core-1.0"),
    pytest.param({"schemas": [urns.GROUP]}, {}, "W_SCHEMA_URI", id="T14-another-type"),
    pytest.param(
        {"urn:scim:schemas:extension:enterprise:1.0": {"division": "A"}},
        {ENTERPRISE: {"division": "A"}},
        "W_SCHEMA_URI",
        id="T14-container-of-scim-1",
    ),
    pytest.param({"schemas": []}, {}, "W_NO_SCHEMAS", id="T15-no-schemas"),
    pytest.param({"groups": [{"value": "1"}]}, {}, "W_GROUPS_IGNORED", id="T18-groups"),
    pytest.param(
        {"roles": [{"value": ROLE, "type": "App"}]},
        {"roles": [{"value": "Lab.Admin", "display": "Lab admin", "type": "App"}]},
        "W_ROLE_JSON",
        id="T47-role-as-json",
    ),
    pytest.param(
        {"roles": [ROLE]}, {"roles": [{"value": "Lab.Admin", "display": "Lab admin"}]}, "W_ROLE_JSON", id="T47-bare"
    ),
    pytest.param(
        {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]},
        {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": False}]},
        "W_TWO_PRIMARIES",
        id="T49-two-primaries",
    ),
    pytest.param(
        {f"{ENTERPRISE}.division": "A"}, {ENTERPRISE: {"division": "A"}}, "W_LEGACY_DOT", id="T62-dot-after-urn"
    ),
]


@pytest.mark.parametrize(("members", "meant", "code"), FORMS)
def test_a_tolerated_form_is_read_as_it_is_meant_and_earns_its_warning(
    members: dict[str, Any], meant: dict[str, Any], code: str
) -> None:
    assert document({**ANNA, **members}) == document({**ANNA, **meant})
    assert codes({**ANNA, **members}) == [code]


@pytest.mark.parametrize(("members", "meant", "code"), FORMS)
def test_a_strict_client_gets_the_error_of_the_rfc_instead(
    members: dict[str, Any], meant: dict[str, Any], code: str
) -> None:
    error = refusal({**ANNA, **members}, dialect=STRICT)
    assert error.scim_type is TOLERANCES[WarningCode(code)].scim_type
    assert error.status == 400


# members of the body, what they amount to
ACCEPTED = [
    pytest.param({"ACTIVE": False}, {"active": False}, id="T02-casing"),
    pytest.param({f"{ENTERPRISE}:division": "A"}, {ENTERPRISE: {"division": "A"}}, id="T09-urn-as-key"),
    pytest.param({"title": None, "roles": None}, {}, id="T16-null"),
    pytest.param({"roles": [], "groups": []}, {}, id="T17-empty-array"),
    pytest.param({ENTERPRISE: {"manager": None}}, {}, id="T16-manager-null"),
    pytest.param({"meta": {"created": "x"}, "id": "1"}, {}, id="T18-T51-read-only"),
    pytest.param({"title": ""}, {}, id="T46-empty-text"),
    pytest.param({"phoneNumbers": [{"value": "", "type": "work"}]}, {}, id="T46-only-a-type-left"),
    pytest.param({"phoneNumbers": [{"value": "", "primary": True}]}, {}, id="T46-only-primary-left"),
    pytest.param({"roles": [{"value": "{curly"}]}, {"roles": [{"value": "{curly"}]}, id="T47-no-json"),
    pytest.param({"roles": [{"value": '{"a":1}'}]}, {"roles": [{"value": '{"a":1}'}]}, id="T47-no-role-in-json"),
]


@pytest.mark.parametrize(("members", "meant"), ACCEPTED)
def test_a_form_without_a_warning_is_accepted_from_a_strict_client_too(
    members: dict[str, Any], meant: dict[str, Any]
) -> None:
    assert document({**ANNA, **members}, dialect=STRICT) == document({**ANNA, **meant})


def test_an_extension_not_named_in_schemas_is_accepted_and_named_in_ours() -> None:
    body = {**ANNA, "urn:example:other:2.0:User": {"badge": "B"}}
    assert document(body, dialect=STRICT)["schemas"] == [urns.USER, "urn:example:other:2.0:User"]


def test_an_unknown_extension_may_come_as_urns_with_attributes() -> None:
    body = {**ANNA, "urn:example:other:2.0:User:badge": "B", "urn:example:other:2.0:User:level": 3}
    assert document(body, dialect=STRICT)["urn:example:other:2.0:User"] == {"badge": "B", "level": 3}


def test_two_work_addresses_are_allowed() -> None:
    body = {**ANNA, "emails": [{"type": "work", "value": "a"}, {"type": "work", "value": "b"}]}
    assert len(document(body, dialect=STRICT)["emails"]) == 2


@pytest.mark.parametrize(("claimed", "warned"), [("7", ["W_ID_MISMATCH"]), ("1", []), (None, [])])
def test_a_replacement_with_another_id_earns_a_warning(claimed: str | None, warned: list[str]) -> None:
    body = {**ANNA, "id": claimed}
    assert codes(body, mode=Mode.REPLACE, resource_id="1", current=document(ANNA)) == warned
    assert codes(body) == []


def test_text_is_never_made_from_other_types() -> None:
    assert refusal({**ANNA, "title": True}).scim_type == "invalidValue"
    assert document({**ANNA, "title": "True"})["title"] == "True"


@pytest.mark.parametrize("schemas", ["urn:ietf:params:scim:schemas:core:2.0:User", {"a": 1}, [1], [None]])
def test_schemas_of_another_shape_are_refused_as_invalid_syntax(schemas: Any) -> None:
    assert refusal({**ANNA, "schemas": schemas}).scim_type == "invalidSyntax"


# filter, what it is read as, warning
FILTERS = [
    ("externalId eq pjanssen", "W_UNQUOTED"),
    ("userName eq ewa.lis@x.test", "W_UNQUOTED"),
    ("externalId eq 12345", "W_UNQUOTED"),
    ("externalId eq true", "W_UNQUOTED"),
    ("meta.created gt 2024-05-13T04:42:34Z", "W_UNQUOTED"),
    ('roles[primary eq "True"]', "W_BOOL_STRING"),
    ('active eq "false"', "W_BOOL_STRING"),
    (f'{ENTERPRISE}.department eq "A"', "W_LEGACY_DOT"),
]


@pytest.mark.parametrize(("text", "code"), FILTERS)
def test_a_tolerated_filter_earns_its_warning_and_a_strict_client_an_invalid_filter(text: str, code: str) -> None:
    assert filter_codes(text) == [code]
    filter_refusal(text, dialect=STRICT)


def test_a_client_may_be_refused_one_form_alone() -> None:
    picky = Dialect("custom", refused=frozenset({WarningCode.BOOL_STRING}))
    assert refusal({**ANNA, "active": "True"}, dialect=picky).scim_type == "invalidValue"
    assert read({**ANNA, "shoeSize": 1}, dialect=picky)[1] == ["W_UNKNOWN_ATTR"]


@pytest.mark.parametrize("code", list(WarningCode))
def test_every_warning_has_its_row_and_a_sentence(code: WarningCode) -> None:
    rule = TOLERANCES[code]
    assert rule.rows
    assert all(row.startswith("T") for row in rule.rows)
    with pytest.raises(ScimError, match=rule.sentence):
        Reading(STRICT).warn(code, "somewhere")


def test_a_flood_of_deviations_leaves_a_bounded_trace() -> None:
    reading = Reading()
    for number in range(1000):
        reading.warn(WarningCode.UNKNOWN_ATTR, f"{number}" * 1000)
    assert len(reading.notes) == MOST_NOTES
    assert all(len(note.where) <= LONGEST_PLACE for note in reading.notes)
