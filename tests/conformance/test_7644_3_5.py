"""RFC 7644 sections 3.5 and 3.6: replacing, patching and deleting."""

from typing import Any

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, create_group, operation, patch, read, refusal, set_client
from tests.scim.conftest import USER, Provider
from tests.scim.defining import LAB, extend

EMAILS = [{"value": "w@x.test", "type": "work", "primary": True}, {"value": "h@x.test", "type": "home"}]


@pytest.fixture(name="ada")
def _ada(provider: Provider) -> dict[str, Any]:
    name = {"givenName": "Ada", "familyName": "Lovelace"}
    return provider.create("ada", title="Countess", name=name, emails=EMAILS, nickName="A")


def _path(user: dict[str, Any]) -> str:
    return f"/Users/{user['id']}"


def _patched(provider: Provider, user: dict[str, Any], *operations: Any) -> dict[str, Any]:
    shown: dict[str, Any] = body_of(patch(provider, _path(user), *operations))
    return shown


@pytest.mark.rfc("7644#3.5-1", "7644#3.5.1-2", "7644#3.5.1-3")
def test_put_replaces_what_it_names_and_clears_the_rest(provider: Provider, ada: dict[str, Any]) -> None:
    body = {"schemas": [USER], "userName": "ada", "title": "Analyst", "emails": EMAILS[1:]}
    shown = body_of(provider.send("PUT", _path(ada), body))
    assert (shown["title"], shown["emails"]) == ("Analyst", EMAILS[1:])
    assert not {"name", "nickName"} & set(shown)
    assert shown["id"] == ada["id"]


@pytest.mark.rfc("7644#3.5.1-5")
def test_put_ignores_what_is_read_only(provider: Provider, ada: dict[str, Any]) -> None:
    body = {
        "schemas": [USER],
        "userName": "ada",
        "meta": {"created": "2001-01-01T00:00:00Z"},
        "groups": [{"value": "x"}],
    }
    shown = body_of(provider.send("PUT", _path(ada), body))
    assert shown["meta"]["created"] == ada["meta"]["created"]
    assert "groups" not in shown


@pytest.mark.rfc("7644#3.5.1-6")
def test_put_without_what_is_required_is_refused(provider: Provider, ada: dict[str, Any]) -> None:
    refusal(provider.send("PUT", _path(ada), {"schemas": [USER], "title": "Analyst"}), 400, "invalidValue")
    assert read(provider, _path(ada)) == ada


@pytest.mark.rfc("7644#3.5-2", "7644#3.5.2-13")
def test_patch_is_answered_with_the_resource_or_with_nothing(provider: Provider, ada: dict[str, Any]) -> None:
    shown = _patched(provider, ada, operation("replace", "title", value="Analyst"))
    assert shown == read(provider, _path(ada))
    crew = create_group(provider, "crew")
    answer = patch(provider, f"/Groups/{crew['id']}", operation("replace", "displayName", value="team"))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.rfc("7644#3.5.2-14")
def test_patch_with_attributes_is_answered_with_them(provider: Provider, ada: dict[str, Any]) -> None:
    crew = create_group(provider, "crew", ada["id"])
    path = f"/Groups/{crew['id']}?attributes=displayName"
    shown = body_of(patch(provider, path, operation("replace", "displayName", value="team")))
    assert shown == {"schemas": [urns.GROUP], "id": crew["id"], "displayName": "team"}


UNFIT: dict[str, dict[str, Any]] = {
    "no operations": {"Operations": []},
    "operations missing": {},
    "no op": {"Operations": [{"path": "title", "value": "x"}]},
    "another op": {"Operations": [{"op": "move", "path": "title", "value": "x"}]},
    "two ops": {"Operations": [{"op": "add", "OP": "remove", "path": "title", "value": "x"}]},
}


@pytest.mark.rfc("7644#3.5.2-2", "7644#3.5.2-3", "7644#3.5.2-12")
@pytest.mark.parametrize("unfit", UNFIT)
def test_patch_without_clear_operations_is_refused(provider: Provider, ada: dict[str, Any], unfit: str) -> None:
    body = {"schemas": [urns.PATCH_OP], **UNFIT[unfit]}
    assert refusal(provider.send("PATCH", _path(ada), body), 400, "invalidSyntax")


@pytest.mark.rfc("7644#3.5.2-1")
def test_patch_says_what_it_is(provider: Provider, ada: dict[str, Any]) -> None:
    set_client(provider, strict=True)
    operations = [operation("replace", "title", value="Analyst")]
    for schemas in ([USER], []):
        body = {"schemas": schemas, "Operations": operations}
        refusal(provider.send("PATCH", _path(ada), body), 400, "invalidSyntax")
    assert _patched(provider, ada, *operations)["title"] == "Analyst"


@pytest.mark.rfc("7644#3.5.2-4", "7644#3.5.2.1-1", "7644#3.5.2.1-2", "7644#3.5.2.3-3")
@pytest.mark.parametrize(
    ("unfit", "keyword"),
    [
        (operation("remove"), "noTarget"),
        (operation("add", "title"), "invalidValue"),
        (operation("add", "name", value="Ada"), "invalidValue"),
        (operation("replace", "name", value="Ada"), "invalidValue"),
        (operation("add", value="Ada"), "invalidValue"),
    ],
)
def test_operation_without_its_parts_is_refused(
    provider: Provider, ada: dict[str, Any], unfit: dict[str, Any], keyword: str
) -> None:
    refusal(patch(provider, _path(ada), unfit), 400, keyword)


@pytest.mark.rfc("7644#3.5.2-8", "7644#3.5.2-9")
def test_operations_stand_on_the_resources_own_schemas(provider: Provider, ada: dict[str, Any]) -> None:
    extend(provider)
    shown = _patched(
        provider,
        ada,
        operation("add", "schemas", value=[USER, LAB]),
        operation("add", f"{LAB}:number", value=7),
        operation("replace", "title", value="Analyst"),
    )
    assert (shown["schemas"], shown[LAB], shown["title"]) == ([USER, LAB], {"number": 7}, "Analyst")


@pytest.mark.rfc("7644#3.5.2-10")
def test_new_primary_value_is_the_only_one(provider: Provider, ada: dict[str, Any]) -> None:
    shown = _patched(provider, ada, operation("replace", 'emails[type eq "home"].primary', value=True))
    assert [(one["type"], one.get("primary", False)) for one in shown["emails"]] == [("work", False), ("home", True)]


@pytest.mark.rfc("7644#3.5.2-11", "7644#3.5.2-12")
def test_patch_with_one_wrong_operation_does_nothing(provider: Provider, ada: dict[str, Any]) -> None:
    operations = [operation("replace", "title", value="Analyst"), operation("replace", "active", value=7)]
    assert refusal(patch(provider, _path(ada), *operations), 400, "invalidValue")
    assert read(provider, _path(ada)) == ada


@pytest.mark.rfc("7644#3.5.2.1-3", "7644#3.5.2.1-4")
@pytest.mark.parametrize("held", [("title", "Countess"), ("emails", EMAILS[:1]), ("name", {"givenName": "Ada"})])
def test_add_of_what_is_there_changes_nothing(provider: Provider, ada: dict[str, Any], held: tuple[str, Any]) -> None:
    assert _patched(provider, ada, operation("add", held[0], value=held[1])) == ada


@pytest.mark.rfc("7644#3.5.2.2-1", "7644#3.5.2.2-2", "7644#3.5.2.2-3", "7644#3.5.2.2-4", "7644#3.5.2.2-5")
def test_what_was_removed_is_unassigned(provider: Provider, ada: dict[str, Any]) -> None:
    shown = _patched(provider, ada, operation("remove", "title"), operation("remove", 'emails[type eq "home"].type'))
    assert "title" not in shown
    assert [one.get("type") for one in shown["emails"]] == ["work", None]
    shown = _patched(provider, ada, operation("remove", 'emails[value ew "x.test"]'))
    assert "emails" not in shown
    shown = _patched(provider, ada, operation("add", "emails", value=EMAILS), operation("remove", "emails"))
    assert "emails" not in shown
    shown = _patched(provider, ada, operation("remove", "name.givenName"), operation("remove", "name.familyName"))
    assert "name" not in shown


@pytest.mark.rfc("7644#3.5.2.2-6")
@pytest.mark.parametrize("path", ["userName", "id", "meta", "groups"])
def test_required_and_read_only_attributes_cannot_be_removed(
    provider: Provider, ada: dict[str, Any], path: str
) -> None:
    refusal(patch(provider, _path(ada), operation("remove", path)), 400, "mutability")


@pytest.mark.rfc("7644#3.5.2.3-1", "7644#3.5.2.3-2", "7644#3.5.2.3-3", "7644#3.5.2.3-4")
def test_replace_takes_the_place_of_what_it_finds_and_adds_what_was_missing(
    provider: Provider, ada: dict[str, Any]
) -> None:
    shown = _patched(provider, ada, operation("replace", value={"title": "Analyst", "locale": "en-GB"}))
    assert (shown["title"], shown["locale"]) == ("Analyst", "en-GB")
    shown = _patched(provider, ada, operation("replace", "name", value={"givenName": "A.", "middleName": "K."}))
    assert (shown["name"]["givenName"], shown["name"]["middleName"]) == ("A.", "K.")
    shown = _patched(provider, ada, operation("replace", 'emails[value ew "x.test"].display', value="mail"))
    assert [one["display"] for one in shown["emails"]] == ["mail", "mail"]


@pytest.mark.rfc("7644#3.5.2.3-5")
def test_replace_of_what_the_filter_does_not_find_has_no_target(provider: Provider, ada: dict[str, Any]) -> None:
    set_client(provider, strict=True)
    unfit = operation("replace", 'emails[type eq "other"].value', value="o@x.test")
    refusal(patch(provider, _path(ada), unfit), 400, "noTarget")


@pytest.mark.rfc("7644#3.6-1", "7644#3.6-2", "7644#3.6-3", "7644#3.6-4")
def test_deleted_resource_is_gone_and_in_nobodys_way(provider: Provider, ada: dict[str, Any]) -> None:
    answer = provider.send("DELETE", _path(ada))
    assert (answer.status_code, answer.content) == (204, b"")
    body = {"schemas": [USER], "userName": "ada"}
    for method, sent in (("GET", None), ("PUT", body), ("DELETE", None)):
        refusal(provider.send(method, _path(ada), sent), 404)
    refusal(patch(provider, _path(ada), operation("add", "title", value="Dr")), 404)
    assert read(provider, "/Users")["totalResults"] == 0
    assert provider.create("ada")["id"] != ada["id"]
