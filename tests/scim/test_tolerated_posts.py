"""The tolerance table for users that are posted: what arrives, what becomes of it, which warning it earns, and what a strict
SCIM client gets instead.
"""

from typing import Any

import pytest

from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from tests.scim.answers import (
    body_of,
    newest_warnings,
    read,
    refusal,
    set_client,
)
from tests.scim.conftest import USER, Provider
from tests.scim.recorded import warnings_of
from tests.scim.tolerated import BADGE, BOSS, LAB, ROLE, WORK, row, shown

# Members of a POST, what is shown then, the warning ("" for none).
CREATED = [
    row(
        "T02-case",
        {"TITLE": "a", "Emails": [{"Value": "x", "TYPE": "work"}]},
        {"title": "a", "emails": [{**WORK, "value": "x"}]},
        "",
    ),
    row("T03-boolean", {"active": "False"}, {}, "W_BOOL_STRING"),
    row(
        "T03-part", {"emails": [{**WORK, "primary": "true"}]}, {"emails": [{**WORK, "primary": True}]}, "W_BOOL_STRING"
    ),
    row("T03-text-stays-text", {"title": "True"}, {"title": "True"}, ""),
    row("T08-dotted", {"name.givenName": "Ada"}, {"name": {"givenName": "Ada"}}, "W_DOTTED_KEY"),
    row("T09-urn-key", {f"{LAB}:employeeNumber": "7"}, {LAB: {"employeeNumber": "7"}}, ""),
    row("T10-text", {LAB: {"manager": "boss-7"}}, BOSS, "W_MANAGER_FORM"),
    row("T10-array", {LAB: {"manager": [{"value": "boss-7"}]}}, BOSS, "W_MANAGER_FORM"),
    row("T10-empty", {LAB: {"manager": ""}}, {}, "W_MANAGER_FORM"),
    row("T10-empty-value", {LAB: {"manager": {"value": ""}}}, {}, "W_MANAGER_FORM"),
    row("T10-null", {LAB: {"manager": None}}, {}, ""),
    row("T12-unknown", {"prefferedLanguage": "nl"}, {}, "W_UNKNOWN_ATTR"),
    row("T12-unknown-extension", {BADGE: {"badge": "B-7"}}, {BADGE: {"badge": "B-7"}}, ""),
    row("T13-urn-not-named", {LAB: {"department": "Optics"}}, {LAB: {"department": "Optics"}}, ""),
    row("T14-mistyped", {"schemas": [USER, f"{LAB[:-5]}User"]}, {}, "W_SCHEMA_URI"),
    row("T14-scim-1", {"schemas": ["urn:scim:schemas:core:1.0"]}, {}, "W_SCHEMA_URI"),
    row("T14-adscim", {"schemas": [USER, "http://schemas.microsoft.com/2006/11/ADSCIM"]}, {}, "W_SCHEMA_URI"),
    row("T15-none", {"schemas": None}, {}, "W_NO_SCHEMAS"),
    row("T16-null", {"title": None, "name": None}, {}, ""),
    row("T17-empty", {"roles": [], "groups": []}, {}, ""),
    row("T18-read-only", {"id": "7", "meta": {"resourceType": "User"}}, {}, ""),
    row("T18-groups", {"groups": [{"value": "7"}]}, {}, "W_GROUPS_IGNORED"),
    row("T19-password", {"password": "Tr0ub4dor"}, {}, ""),
    row("T46-empty", {"title": "", "name": {"givenName": ""}}, {}, ""),
    row("T46-type-alone", {"phoneNumbers": [{"type": "work", "value": ""}]}, {}, ""),
    row(
        "T47-json",
        {"roles": [{"value": ROLE}]},
        {"roles": [{"value": "Lab.Admin", "display": "Lab admin"}]},
        "W_ROLE_JSON",
    ),
    row(
        "T49-two",
        {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]},
        {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": False}]},
        "W_TWO_PRIMARIES",
    ),
    row(
        "T50-two-of-a-type", {"emails": [WORK, {**WORK, "value": "b"}]}, {"emails": [WORK, {**WORK, "value": "b"}]}, ""
    ),
    row("T51-created", {"meta": {"created": "2001-01-01T00:00:00Z"}}, {}, ""),
    row("T62-dot", {f"{LAB}.department": "Optics"}, {LAB: {"department": "Optics"}}, "W_LEGACY_DOT"),
]


@pytest.mark.parametrize(("members", "meant", "code"), CREATED)
def test_posted_form_is_taken_as_it_is_meant(
    provider: Provider, members: dict[str, Any], meant: dict[str, Any], code: str
) -> None:
    made = body_of(provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada", **members}), 201)
    assert newest_warnings(provider) == ([code] if code else [])
    assert shown(read(provider, f"/Users/{made['id']}")) == meant
    assert made["schemas"] == [USER, *(urn for urn in (LAB, BADGE) if urn in meant)]


@pytest.mark.parametrize(("members", "meant", "code"), CREATED)
def test_strict_client_posts_it_as_the_rfc_has_it(
    provider: Provider, members: dict[str, Any], meant: dict[str, Any], code: str
) -> None:
    set_client(provider, strict=True)
    answer = provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada", **members})
    if code:
        refusal(answer, 400, TOLERANCES[WarningCode(code)].scim_type)
        assert read(provider, "/Users")["totalResults"] == 0
    else:
        assert answer.status_code == 201


def test_t34_inactive_user_is_never_brought_back_by_a_post(provider: Provider) -> None:
    ada = provider.create("ada", active=False)
    refusal(provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada"}), 409, "uniqueness")
    assert read(provider, f"/Users/{ada['id']}")["active"] is False


def test_t35_t70_second_deletion_finds_nobody_and_a_new_user_has_a_new_id(provider: Provider) -> None:
    ada = provider.create("ada")
    statuses = [provider.send("DELETE", f"/Users/{ada['id']}").status_code for _ in range(2)]
    assert statuses == [204, 404]
    assert provider.create("ada")["id"] != ada["id"]


@pytest.mark.parametrize("name", [None, "", []])
def test_t46_required_text_cannot_be_empty(provider: Provider, name: Any) -> None:
    refusal(provider.send("POST", "/Users", {"schemas": [USER], "userName": name}), 400, "invalidValue")


def test_boolean_of_another_text_is_refused(provider: Provider) -> None:
    refusal(
        provider.send("POST", "/Users", {"schemas": [USER], "userName": "a", "active": "maybe"}), 400, "invalidValue"
    )


def test_warnings_are_counted_for_the_client(provider: Provider) -> None:
    provider.create("ada", active="True", shoeSize=4)
    provider.create("bob", active="True")
    assert warnings_of(provider.tenant_id, provider.scim_client.id) == {"W_BOOL_STRING": 2, "W_UNKNOWN_ATTR": 1}
