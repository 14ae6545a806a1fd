"""The tolerance table over HTTP: what arrives, what becomes of it, which warning it earns, and what a strict SCIM client
gets instead. The last test sees to it that no row of the published table is without a test.
"""

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from scim.protocol import urns
from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from tests.scim.answers import (
    body_of,
    create_group,
    events_about,
    members_of,
    newest_warnings,
    operation,
    patch,
    read,
    refusal,
    set_client,
)
from tests.scim.conftest import USER, Provider
from tests.scim.recorded import warnings_of

LAB = urns.ENTERPRISE_USER
BADGE = "urn:example:badge:2.0:User"
BOSS = {LAB: {"manager": {"value": "boss-7"}}}
WORK = {"type": "work", "value": "ada@work.test"}
ROLE = '{"id":"2c1f","value":"Lab.Admin","displayName":"Lab admin"}'
# Where no form is the matter but a bound, a status or a second request, the test stands elsewhere, by file and name.
ELSEWHERE = {
    "T33": "test_users.py::test_second_user_of_one_name_is_refused_and_its_detail_names_the_attribute_alone",
    "T53": "test_request_log_throttling.py::test_fourth_request_is_refused_with_a_scim_error",
    "T56": "test_patch_http.py::test_write_to_a_version_that_is_gone_is_refused",
    "T65": "test_refusals.py::test_body_beyond_the_bound_is_a_scim_413",
    "T66": "test_groups.py::test_client_of_users_alone_finds_no_groups_and_writes_none",
    "T68": "test_groups.py::test_second_group_of_one_name_is_refused_and_its_detail_names_the_attribute_alone",
    "T69": "test_patch_http.py::test_user_name_of_another_is_refused",
}
UNUSED = {54, 55, 59, 60, 61, 64}
PUBLISHED = [f"T{number:02}" for number in range(1, 71) if number not in UNUSED]


def _row(name: str, *columns: Any) -> Any:
    return pytest.param(*columns, id=name)


def _strict(provider: Provider) -> None:
    set_client(provider, strict=True)


def _shown(user: dict[str, Any]) -> dict[str, Any]:
    """What a user says besides what every user does."""
    return {name: user[name] for name in user if name not in {"schemas", "userName", "active", "id", "meta"}}


# Members of a POST, what is shown then, the warning ("" for none).
CREATED = [
    _row(
        "T02-case",
        {"TITLE": "a", "Emails": [{"Value": "x", "TYPE": "work"}]},
        {"title": "a", "emails": [{**WORK, "value": "x"}]},
        "",
    ),
    _row("T03-boolean", {"active": "False"}, {}, "W_BOOL_STRING"),
    _row(
        "T03-part", {"emails": [{**WORK, "primary": "true"}]}, {"emails": [{**WORK, "primary": True}]}, "W_BOOL_STRING"
    ),
    _row("T03-text-stays-text", {"title": "True"}, {"title": "True"}, ""),
    _row("T08-dotted", {"name.givenName": "Ada"}, {"name": {"givenName": "Ada"}}, "W_DOTTED_KEY"),
    _row("T09-urn-key", {f"{LAB}:employeeNumber": "7"}, {LAB: {"employeeNumber": "7"}}, ""),
    _row("T10-text", {LAB: {"manager": "boss-7"}}, BOSS, "W_MANAGER_FORM"),
    _row("T10-array", {LAB: {"manager": [{"value": "boss-7"}]}}, BOSS, "W_MANAGER_FORM"),
    _row("T10-empty", {LAB: {"manager": ""}}, {}, "W_MANAGER_FORM"),
    _row("T10-empty-value", {LAB: {"manager": {"value": ""}}}, {}, "W_MANAGER_FORM"),
    _row("T10-null", {LAB: {"manager": None}}, {}, ""),
    _row("T12-unknown", {"prefferedLanguage": "nl"}, {}, "W_UNKNOWN_ATTR"),
    _row("T12-unknown-extension", {BADGE: {"badge": "B-7"}}, {BADGE: {"badge": "B-7"}}, ""),
    _row("T13-urn-not-named", {LAB: {"department": "Optics"}}, {LAB: {"department": "Optics"}}, ""),
    _row("T14-mistyped", {"schemas": [USER, f"{LAB[:-5]}User"]}, {}, "W_SCHEMA_URI"),
    _row("T14-scim-1", {"schemas": ["urn:scim:schemas:core:1.0"]}, {}, "W_SCHEMA_URI"),
    _row("T14-adscim", {"schemas": [USER, "http://schemas.microsoft.com/2006/11/ADSCIM"]}, {}, "W_SCHEMA_URI"),
    _row("T15-none", {"schemas": None}, {}, "W_NO_SCHEMAS"),
    _row("T16-null", {"title": None, "name": None}, {}, ""),
    _row("T17-empty", {"roles": [], "groups": []}, {}, ""),
    _row("T18-read-only", {"id": "7", "meta": {"resourceType": "User"}}, {}, ""),
    _row("T18-groups", {"groups": [{"value": "7"}]}, {}, "W_GROUPS_IGNORED"),
    _row("T19-password", {"password": "Tr0ub4dor"}, {}, ""),
    _row("T46-empty", {"title": "", "name": {"givenName": ""}}, {}, ""),
    _row("T46-type-alone", {"phoneNumbers": [{"type": "work", "value": ""}]}, {}, ""),
    _row(
        "T47-json",
        {"roles": [{"value": ROLE}]},
        {"roles": [{"value": "Lab.Admin", "display": "Lab admin"}]},
        "W_ROLE_JSON",
    ),
    _row(
        "T49-two",
        {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]},
        {"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": False}]},
        "W_TWO_PRIMARIES",
    ),
    _row(
        "T50-two-of-a-type", {"emails": [WORK, {**WORK, "value": "b"}]}, {"emails": [WORK, {**WORK, "value": "b"}]}, ""
    ),
    _row("T51-created", {"meta": {"created": "2001-01-01T00:00:00Z"}}, {}, ""),
    _row("T62-dot", {f"{LAB}.department": "Optics"}, {LAB: {"department": "Optics"}}, "W_LEGACY_DOT"),
]


@pytest.mark.parametrize(("members", "meant", "code"), CREATED)
def test_posted_form_is_taken_as_it_is_meant(
    provider: Provider, members: dict[str, Any], meant: dict[str, Any], code: str
) -> None:
    made = body_of(provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada", **members}), 201)
    assert newest_warnings(provider) == ([code] if code else [])
    assert _shown(read(provider, f"/Users/{made['id']}")) == meant
    assert made["schemas"] == [USER, *(urn for urn in (LAB, BADGE) if urn in meant)]


@pytest.mark.parametrize(("members", "meant", "code"), CREATED)
def test_strict_client_posts_it_as_the_rfc_has_it(
    provider: Provider, members: dict[str, Any], meant: dict[str, Any], code: str
) -> None:
    _strict(provider)
    answer = provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada", **members})
    if code:
        refusal(answer, 400, TOLERANCES[WarningCode(code)].scim_type)
        assert read(provider, "/Users")["totalResults"] == 0
    else:
        assert answer.status_code == 201


# Members of a user, operations, what is shown then, the warning, and a strict client's keyword where it is another one.
PATCHED = [
    _row("T01-capitals", {}, [operation("Add", "title", value="a")], {"title": "a"}, ""),
    _row("T01-Replace", {"title": "b"}, [operation("Replace", "title", value="a")], {"title": "a"}, ""),
    _row("T01-Remove", {"title": "b"}, [operation("Remove", "title")], {}, ""),
    _row("T02-path", {}, [operation("add", 'emails[Type eq "work"].Value', value="x")], {"emails": [{**WORK, "value": "x"}]}, ""),
    _row("T03-boolean", {}, [operation("replace", "active", value="True")], {}, "W_BOOL_STRING"),
    _row("T04-listed", {"roles": [{"value": "a"}, {"value": "b"}]}, [operation("remove", "roles", value=[{"value": "a"}])], {"roles": [{"value": "b"}]}, "W_REMOVE_VALUE"),
    _row("T07-id", {}, [operation("replace", value={"id": "$id", "title": "a", "meta": {}, "schemas": [USER]})], {"title": "a"}, ""),
    _row("T08-dotted", {}, [operation("replace", value={"name.givenName": "Ada"})], {"name": {"givenName": "Ada"}}, "W_DOTTED_KEY"),
    _row("T09-urn-key", {}, [operation("replace", value={f"{LAB}:division": "A"})], {LAB: {"division": "A"}}, ""),
    _row("T10-bare-path", {}, [operation("add", "manager", value="boss-7")], BOSS, "W_MANAGER_FORM"),
    _row("T10-emptied", BOSS, [operation("replace", f"{LAB}:manager", value={"value": ""})], {}, "W_MANAGER_FORM"),
    _row("T11-add", {}, [operation("add", 'emails[type eq "work"].value', value="x")], {"emails": [{**WORK, "value": "x"}]}, ""),
    _row("T11-replace", {}, [operation("replace", 'emails[type eq "work"].value', value="x")], {"emails": [{**WORK, "value": "x"}]}, "W_CREATED_ON_REPLACE"),
    _row("T11-remove", {}, [operation("remove", 'emails[type eq "work"].value')], {}, ""),
    _row("T12-beside", {}, [operation("replace", "shoeSize", value=4), operation("replace", "title", value="a")], {"title": "a"}, "W_UNKNOWN_ATTR", "invalidPath"),
    _row("T14-urn", {}, [operation("add", "urn:scim:schemas:extension:enterprise:1.0:division", value="A")], {LAB: {"division": "A"}}, "W_SCHEMA_URI", "invalidPath"),
    _row("T16-value", {"title": "a"}, [operation("replace", "title", value=None)], {}, ""),
    _row("T16-path", {}, [{"op": "replace", "path": None, "value": {"title": "a"}}], {"title": "a"}, ""),
    _row("T17-empty", {"emails": [WORK]}, [operation("replace", "emails", value=[])], {}, ""),
    _row("T19-password", {}, [operation("replace", value={"password": "Tr0ub4dor"})], {}, ""),
    _row("T36-null", {"emails": [WORK]}, [operation("replace", "emails", value=None)], {}, "W_NULL_REPLACE"),
    _row("T43-add", {"title": "b"}, [operation("Add", "title", value="a")], {"title": "a"}, ""),
    _row("T45-name", {"name": {"givenName": "Ada"}}, [operation("replace", "name", value={"familyName": "L"})], {"name": {"familyName": "L", "givenName": "Ada"}}, ""),
    _row("T45-extension", {LAB: {"division": "A"}}, [operation("replace", value={LAB: {"department": "O"}})], {LAB: {"division": "A", "department": "O"}}, ""),
    _row("T46-empty", {"title": "a"}, [operation("replace", "title", value="")], {}, ""),
    _row("T47-json", {}, [operation("add", "roles", value=[{"value": ROLE}])], {"roles": [{"value": "Lab.Admin", "display": "Lab admin"}]}, "W_ROLE_JSON"),
    _row("T48-quoted", {"roles": [{"value": "b", "primary": True}]}, [operation("replace", 'roles[primary eq "True"].value', value="a")], {"roles": [{"value": "a", "primary": True}]}, "W_BOOL_STRING", "invalidFilter"),
    _row("T49-newest", {"emails": [{"value": "a", "primary": True}]}, [operation("add", "emails", value=[{"value": "b", "primary": True}])], {"emails": [{"value": "a", "primary": False}, {"value": "b", "primary": True}]}, ""),
    _row("T50-first", {"emails": [WORK]}, [operation("add", "emails", value=[{**WORK, "value": "b"}])], {"emails": [WORK, {**WORK, "value": "b"}]}, ""),
    _row("T62-dot", {}, [operation("add", f"{LAB}.division", value="A")], {LAB: {"division": "A"}}, "W_LEGACY_DOT"),
    _row("T63-name", {}, [{**operation("add", "title", value="a"), "name": "setTitle"}], {"title": "a"}, ""),
]  # fmt: skip
PATCHED = [row if len(row.values) == 5 else _row(str(row.id), *row.values, None) for row in PATCHED]


def _prepared(provider: Provider, members: dict[str, Any], operations: Any) -> tuple[str, list[Any]]:
    """The path of a user with these members, and the operations with their id for $id."""
    user = provider.create("ada", **members)
    return f"/Users/{user['id']}", json.loads(json.dumps(operations).replace("$id", user["id"]))


@pytest.mark.parametrize(("members", "operations", "meant", "code", "keyword"), PATCHED)
def test_patched_form_is_taken_as_it_is_meant(
    provider: Provider, members: Any, operations: Any, meant: Any, code: str, keyword: str | None
) -> None:
    path, operations = _prepared(provider, members, operations)
    found = _shown(body_of(patch(provider, path, *operations)))
    assert newest_warnings(provider) == ([code] if code else [])
    assert found == meant == _shown(read(provider, path))


@pytest.mark.capability("strict")
@pytest.mark.parametrize(("members", "operations", "meant", "code", "keyword"), PATCHED)
def test_strict_client_patches_as_the_rfc_has_it(
    provider: Provider, members: Any, operations: Any, meant: Any, code: str, keyword: str | None
) -> None:
    path, operations = _prepared(provider, members, operations)
    before = read(provider, path)
    _strict(provider)
    answer = patch(provider, path, *operations)
    if code:
        refusal(answer, 400, keyword or TOLERANCES[WarningCode(code)].scim_type)
        assert read(provider, path) == before
    else:
        assert answer.status_code == 200


# Query, whether the one user is found, the warning, a strict client's keyword.
LISTED = [
    _row("T22-ampersand", '?filter=userName eq "ada@x.test"&', True, "", ""),
    _row("T22-slash", '/?filter=userName eq "ada@x.test"', True, "", ""),
    _row("T23-plus", "?filter=userName+eq+%22ada%40x.test%22", True, "", ""),
    _row("T23-once", "?filter=userName+eq+%22ada%2540x.test%22", False, "", ""),
    _row("T24-unquoted", "?filter=userName eq ada@x.test", True, "W_UNQUOTED", "invalidFilter"),
    _row("T25-operator", '?filter=userName EQ "ada@x.test"', True, "", ""),
    _row("T26-folded", '?filter=userName eq "ADA@X.TEST"', True, "", ""),
    _row("T26-exact", '?filter=externalId eq "hr-7"', False, "", ""),
    _row("T27-value", '?filter=emails eq "ada@work.test"', True, "", ""),
    _row("T28-value-path", '?filter=emails[type eq "work"].value eq "ada@work.test"', True, "", ""),
    _row("T29-and", '?filter=id eq "$id" and manager eq "boss-7"', True, "", ""),
    _row("T29-other-order", '?filter=manager eq "boss-8" and id eq "$id"', False, "", ""),
    _row("T31-negative", "?startIndex=-3&count=5", True, "", ""),
    _row("T32-empty", '?filter=userName eq "nobody"', False, "", ""),
    _row("T48-boolean", '?filter=roles[primary eq "True"]', True, "W_BOOL_STRING", "invalidFilter"),
    _row("T52-parameter", "?aadOptscim062020&shoe=4", True, "", ""),
    _row("T62-dot", f'?filter={LAB}.department eq "optics"', True, "W_LEGACY_DOT", "invalidFilter"),
    _row("T67-brackets", '?attributes=emails[type eq "work"]', True, "", ""),
]
ADA: dict[str, Any] = {
    "externalId": "HR-7",
    "emails": [WORK],
    "roles": [{"value": "a", "primary": True}],
    LAB: {"department": "Optics", "manager": {"value": "boss-7"}},
}


@pytest.mark.parametrize(("query", "is_found", "code", "keyword"), LISTED)
def test_asked_form_is_taken_as_it_is_meant(
    provider: Provider,
    query: str,
    is_found: bool,
    code: str,
    keyword: str,
) -> None:
    ada = provider.create("ada@x.test", **ADA)
    path = f"/Users{quote(query.replace('$id', ada['id']), safe='/?&=+%')}"
    found = read(provider, path)
    assert newest_warnings(provider) == ([code] if code else [])
    assert isinstance(found["Resources"], list)
    assert [one["id"] for one in found["Resources"]] == ([ada["id"]] if is_found else [])
    _strict(provider)
    answer = provider.send("GET", path)
    if keyword:
        refusal(answer, 400, keyword)
    else:
        assert body_of(answer) == found


def test_t05_values_to_remove_may_come_in_an_object(provider: Provider) -> None:
    ada, bob = (provider.create(name)["id"] for name in ("ada", "bob"))
    group = create_group(provider, "Lab", ada, bob)
    removed = operation("remove", "members", value={"members": [{"$ref": None, "value": ada}]})
    patch(provider, f"/Groups/{group['id']}", removed)
    assert newest_warnings(provider) == ["W_REMOVE_VALUE"]
    assert members_of(provider, group) == [bob]
    _strict(provider)
    refusal(patch(provider, f"/Groups/{group['id']}", removed), 400, "invalidSyntax")


def test_t06_bare_remove_empties_a_group_and_the_audit_says_so(provider: Provider) -> None:
    group = create_group(provider, "Lab", provider.create("ada")["id"])
    patch(provider, f"/Groups/{group['id']}", operation("remove", "members"))
    assert (newest_warnings(provider), members_of(provider, group)) == ([], [])
    assert events_about(provider, group["id"])[-1]["details"]["massRemoval"] == 1


def test_t12_unknown_path_alone_is_refused(provider: Provider) -> None:
    path = f"/Users/{provider.create('ada')['id']}"
    refusal(patch(provider, path, operation("replace", "shoeSize", value=4)), 400, "invalidPath")


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/scim+json;charset=utf-8", "APPLICATION/JSON"]
)
def test_t20_plain_json_is_taken(provider: Provider, content_type: str) -> None:
    body = {"schemas": [USER], "userName": "ada"}
    assert provider.send("POST", "/Users", body, **{"Content-Type": content_type}).status_code == 201


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", ""])
def test_t21_answer_is_scim_whatever_is_accepted(provider: Provider, accept: str) -> None:
    assert provider.send("GET", "/Users", Accept=accept).headers["Content-Type"] == "application/scim+json"


@pytest.mark.parametrize("text", ["userName eq", 'shoeSize eq "4"', 'userName eq "a" and', "userName eq a b"])
def test_t30_filter_that_cannot_be_read_is_refused(provider: Provider, text: str) -> None:
    assert re.search(r"\d", refusal(provider.send("GET", f"/Users?filter={quote(text)}"), 400, "invalidFilter"))


@pytest.mark.parametrize("query", ["startIndex=one", "count=1.5"])
def test_t31_page_that_is_no_number_is_refused(provider: Provider, query: str) -> None:
    refusal(provider.send("GET", f"/Users?{query}"), 400, "invalidValue")


def test_t34_inactive_user_is_never_brought_back_by_a_post(provider: Provider) -> None:
    ada = provider.create("ada", active=False)
    refusal(provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada"}), 409, "uniqueness")
    assert read(provider, f"/Users/{ada['id']}")["active"] is False


def test_t35_t70_second_deletion_finds_nobody_and_a_new_user_has_a_new_id(provider: Provider) -> None:
    ada = provider.create("ada")
    statuses = [provider.send("DELETE", f"/Users/{ada['id']}").status_code for _ in range(2)]
    assert statuses == [204, 404]
    assert provider.create("ada")["id"] != ada["id"]


def test_t36_null_empties_a_group(provider: Provider) -> None:
    group = create_group(provider, "Lab", provider.create("ada")["id"])
    emptied = operation("replace", "members", value=None)
    patch(provider, f"/Groups/{group['id']}", emptied)
    assert (newest_warnings(provider), members_of(provider, group)) == (["W_NULL_REPLACE"], [])
    _strict(provider)
    refusal(patch(provider, f"/Groups/{group['id']}", emptied), 400, "invalidValue")


def test_t37_unknown_members_do_not_keep_the_known_ones_out(provider: Provider) -> None:
    ada, group = provider.create("ada")["id"], create_group(provider, "Lab")
    values = [ada, {"value": str(uuid4()), "$ref": None}, {"value": ada}]
    added = operation("add", "members", value=values)
    assert patch(provider, f"/Groups/{group['id']}", added).status_code == 204
    assert (newest_warnings(provider), members_of(provider, group)) == (["W_UNKNOWN_MEMBER"], [ada])
    _strict(provider)
    refusal(
        patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=[str(uuid4())])),
        400,
        "invalidValue",
    )


def test_t38_group_is_a_member_but_not_of_itself(provider: Provider) -> None:
    inner, outer = create_group(provider, "Inner"), create_group(provider, "Outer")
    added = operation("add", "members", value=[inner["id"]])
    assert patch(provider, f"/Groups/{outer['id']}", added).status_code == 204
    refusal(patch(provider, f"/Groups/{inner['id']}", added), 400, "invalidValue")


def test_t39_other_id_in_a_put_is_ignored_with_a_warning(provider: Provider) -> None:
    ada = provider.create("ada")
    body = {"schemas": [USER], "userName": "ada", "id": "7"}
    assert body_of(provider.send("PUT", f"/Users/{ada['id']}", body))["id"] == ada["id"]
    assert newest_warnings(provider) == ["W_ID_MISMATCH"]
    _strict(provider)
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


@pytest.mark.parametrize("name", [None, "", []])
def test_t46_required_text_cannot_be_empty(provider: Provider, name: Any) -> None:
    refusal(provider.send("POST", "/Users", {"schemas": [USER], "userName": name}), 400, "invalidValue")


def test_t57_token_may_come_without_a_scheme_and_with_any_case(provider: Provider) -> None:
    for header in (provider.issued.text, f"bearer {provider.issued.text}", f" {provider.issued.text} "):
        assert provider.send("GET", "/Users", Authorization=header).status_code == 200
    refusal(provider.send("GET", "/Users", Authorization="some-other-raw-token"), 401)


def test_t58_basic_is_refused_with_a_challenge(provider: Provider) -> None:
    basic = base64.b64encode(f"okta:{provider.issued.text}".encode()).decode()
    answer = provider.send("GET", "/Users", Authorization=f"Basic {basic}")
    refusal(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_boolean_of_another_text_is_refused(provider: Provider) -> None:
    refusal(
        provider.send("POST", "/Users", {"schemas": [USER], "userName": "a", "active": "maybe"}), 400, "invalidValue"
    )


def test_warnings_are_counted_for_the_client(provider: Provider) -> None:
    provider.create("ada", active="True", shoeSize=4)
    provider.create("bob", active="True")
    assert warnings_of(provider.tenant_id, provider.scim_client.id) == {"W_BOOL_STRING": 2, "W_UNKNOWN_ATTR": 1}


def test_every_warning_is_earned_by_a_form_here() -> None:
    text = Path(__file__).read_text()
    assert [code.value for code in WarningCode if f'"{code.value}"' not in text] == []


def test_no_row_of_the_published_table_is_without_a_test() -> None:
    own = [name.upper() for name in vars(sys.modules[__name__]) if name.startswith("test_t")]
    named = [*own, *(str(row.id) for row in (*CREATED, *PATCHED, *LISTED)), *ELSEWHERE]
    covered = {row for name in named for row in re.findall(r"T\d\d", name)}
    assert [row for row in PUBLISHED if row not in covered] == []


@pytest.mark.parametrize("row", ELSEWHERE)
def test_row_that_is_tested_elsewhere_is_tested_there(row: str) -> None:
    file, name = ELSEWHERE[row].split("::")
    assert f"def {name}(" in (Path(__file__).parent / file).read_text()
