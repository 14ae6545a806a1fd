"""The tolerance table for PATCH and PUT of a user: what is sent, what becomes of it, which warning it earns, and what a
strict SCIM client gets instead.
"""

import json
from typing import Any

import pytest

from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from tests.scim.answers import (
    body_of,
    newest_warnings,
    operation,
    patch,
    read,
    refusal,
    set_client,
)
from tests.scim.conftest import USER, Provider
from tests.scim.tolerated import BOSS, LAB, ROLE, WORK, row, shown

# Members of a user, operations, what is shown then, the warning, and a strict client's keyword where it is another one.
PATCHED = [
    row("T01-capitals", {}, [operation("Add", "title", value="a")], {"title": "a"}, ""),
    row("T01-Replace", {"title": "b"}, [operation("Replace", "title", value="a")], {"title": "a"}, ""),
    row("T01-Remove", {"title": "b"}, [operation("Remove", "title")], {}, ""),
    row("T02-path", {}, [operation("add", 'emails[Type eq "work"].Value', value="x")], {"emails": [{**WORK, "value": "x"}]}, ""),
    row("T03-boolean", {}, [operation("replace", "active", value="True")], {}, "W_BOOL_STRING"),
    row("T04-listed", {"roles": [{"value": "a"}, {"value": "b"}]}, [operation("remove", "roles", value=[{"value": "a"}])], {"roles": [{"value": "b"}]}, "W_REMOVE_VALUE"),
    row("T07-id", {}, [operation("replace", value={"id": "$id", "title": "a", "meta": {}, "schemas": [USER]})], {"title": "a"}, ""),
    row("T08-dotted", {}, [operation("replace", value={"name.givenName": "Ada"})], {"name": {"givenName": "Ada"}}, "W_DOTTED_KEY"),
    row("T09-urn-key", {}, [operation("replace", value={f"{LAB}:division": "A"})], {LAB: {"division": "A"}}, ""),
    row("T10-bare-path", {}, [operation("add", "manager", value="boss-7")], BOSS, "W_MANAGER_FORM"),
    row("T10-emptied", BOSS, [operation("replace", f"{LAB}:manager", value={"value": ""})], {}, "W_MANAGER_FORM"),
    row("T11-add", {}, [operation("add", 'emails[type eq "work"].value', value="x")], {"emails": [{**WORK, "value": "x"}]}, ""),
    row("T11-replace", {}, [operation("replace", 'emails[type eq "work"].value', value="x")], {"emails": [{**WORK, "value": "x"}]}, "W_CREATED_ON_REPLACE"),
    row("T11-remove", {}, [operation("remove", 'emails[type eq "work"].value')], {}, ""),
    row("T12-beside", {}, [operation("replace", "shoeSize", value=4), operation("replace", "title", value="a")], {"title": "a"}, "W_UNKNOWN_ATTR", "invalidPath"),
    row("T14-urn", {}, [operation("add", "urn:scim:schemas:extension:enterprise:1.0:division", value="A")], {LAB: {"division": "A"}}, "W_SCHEMA_URI", "invalidPath"),
    row("T16-value", {"title": "a"}, [operation("replace", "title", value=None)], {}, ""),
    row("T16-path", {}, [{"op": "replace", "path": None, "value": {"title": "a"}}], {"title": "a"}, ""),
    row("T17-empty", {"emails": [WORK]}, [operation("replace", "emails", value=[])], {}, ""),
    row("T19-password", {}, [operation("replace", value={"password": "Tr0ub4dor"})], {}, ""),
    row("T36-null", {"emails": [WORK]}, [operation("replace", "emails", value=None)], {}, "W_NULL_REPLACE"),
    row("T43-add", {"title": "b"}, [operation("Add", "title", value="a")], {"title": "a"}, ""),
    row("T45-name", {"name": {"givenName": "Ada"}}, [operation("replace", "name", value={"familyName": "L"})], {"name": {"familyName": "L", "givenName": "Ada"}}, ""),
    row("T45-extension", {LAB: {"division": "A"}}, [operation("replace", value={LAB: {"department": "O"}})], {LAB: {"division": "A", "department": "O"}}, ""),
    row("T46-empty", {"title": "a"}, [operation("replace", "title", value="")], {}, ""),
    row("T47-json", {}, [operation("add", "roles", value=[{"value": ROLE}])], {"roles": [{"value": "Lab.Admin", "display": "Lab admin"}]}, "W_ROLE_JSON"),
    row("T48-quoted", {"roles": [{"value": "b", "primary": True}]}, [operation("replace", 'roles[primary eq "True"].value', value="a")], {"roles": [{"value": "a", "primary": True}]}, "W_BOOL_STRING", "invalidFilter"),
    row("T49-newest", {"emails": [{"value": "a", "primary": True}]}, [operation("add", "emails", value=[{"value": "b", "primary": True}])], {"emails": [{"value": "a", "primary": False}, {"value": "b", "primary": True}]}, ""),
    row("T50-first", {"emails": [WORK]}, [operation("add", "emails", value=[{**WORK, "value": "b"}])], {"emails": [WORK, {**WORK, "value": "b"}]}, ""),
    row("T62-dot", {}, [operation("add", f"{LAB}.division", value="A")], {LAB: {"division": "A"}}, "W_LEGACY_DOT"),
    row("T63-name", {}, [{**operation("add", "title", value="a"), "name": "setTitle"}], {"title": "a"}, ""),
]  # fmt: skip
PATCHED = [one if len(one.values) == 5 else row(str(one.id), *one.values, None) for one in PATCHED]


def _prepared(provider: Provider, members: dict[str, Any], operations: Any) -> tuple[str, list[Any]]:
    """The path of a user with these members, and the operations with their id for $id."""
    user = provider.create("ada", **members)
    return f"/Users/{user['id']}", json.loads(json.dumps(operations).replace("$id", user["id"]))


@pytest.mark.parametrize(("members", "operations", "meant", "code", "keyword"), PATCHED)
def test_patched_form_is_taken_as_it_is_meant(
    provider: Provider, members: Any, operations: Any, meant: Any, code: str, keyword: str | None
) -> None:
    path, operations = _prepared(provider, members, operations)
    found = shown(body_of(patch(provider, path, *operations)))
    assert newest_warnings(provider) == ([code] if code else [])
    assert found == meant == shown(read(provider, path))


@pytest.mark.capability("strict")
@pytest.mark.parametrize(("members", "operations", "meant", "code", "keyword"), PATCHED)
def test_strict_client_patches_as_the_rfc_has_it(
    provider: Provider, members: Any, operations: Any, meant: Any, code: str, keyword: str | None
) -> None:
    path, operations = _prepared(provider, members, operations)
    before = read(provider, path)
    set_client(provider, strict=True)
    answer = patch(provider, path, *operations)
    if code:
        refusal(answer, 400, keyword or TOLERANCES[WarningCode(code)].scim_type)
        assert read(provider, path) == before
    else:
        assert answer.status_code == 200


def test_t12_unknown_path_alone_is_refused(provider: Provider) -> None:
    path = f"/Users/{provider.create('ada')['id']}"
    refusal(patch(provider, path, operation("replace", "shoeSize", value=4)), 400, "invalidPath")


def test_t39_other_id_in_a_put_is_ignored_with_a_warning(provider: Provider) -> None:
    ada = provider.create("ada")
    body = {"schemas": [USER], "userName": "ada", "id": "7"}
    assert body_of(provider.send("PUT", f"/Users/{ada['id']}", body))["id"] == ada["id"]
    assert newest_warnings(provider) == ["W_ID_MISMATCH"]
    set_client(provider, strict=True)
    refusal(provider.send("PUT", f"/Users/{ada['id']}", body), 400, "mutability")


def test_t40_put_without_active_leaves_it_as_it_is(provider: Provider) -> None:
    ada = provider.create("ada", active=False)
    body = {"schemas": [USER], "userName": "ada", "title": "a"}
    assert body_of(provider.send("PUT", f"/Users/{ada['id']}", body))["active"] is False


@pytest.mark.parametrize("wrong", [{"op": "move", "path": "title"}, {"path": "title"}, {"op": 7}, {"op": None}])
def test_t41_operation_of_no_known_kind_is_refused(provider: Provider, wrong: dict[str, Any]) -> None:
    refusal(patch(provider, f"/Users/{provider.create('ada')['id']}", {**wrong, "value": "a"}), 400, "invalidSyntax")


def test_t42_patch_of_no_operation_is_refused(provider: Provider) -> None:
    refusal(patch(provider, f"/Users/{provider.create('ada')['id']}"), 400, "invalidSyntax")


def test_t44_repeated_addition_changes_nothing(provider: Provider) -> None:
    ada = provider.create("ada", emails=[WORK])
    assert body_of(patch(provider, f"/Users/{ada['id']}", operation("add", "emails", value=[WORK]))) == ada
