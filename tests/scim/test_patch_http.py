"""PUT and PATCH of users over HTTP: versions and preconditions, all or nothing, what is left behind
(RFC 7644 sections 3.5 and 3.14).
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse

from audit.models import AuditEvent
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.models import Change, Resource
from scim.protocol import urns
from tests.scim.answers import body_of, changes_of, create_group, events_about, operation, patch, read, refusal
from tests.scim.conftest import USER, Provider
from tests.scim.recorded import rows_of

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(provider: Provider) -> dict[str, Any]:
    """A user with a title."""
    return provider.create("ada@example.com", title="Countess", name={"familyName": "Lovelace"})


def _path(user: dict[str, Any]) -> str:
    return f"/Users/{user['id']}"


def _retitle(provider: Provider, user: dict[str, Any], title: str = "Analyst", **headers: str) -> HttpResponse:
    return patch(provider, _path(user), operation("replace", "title", value=title), **headers)


def _put(provider: Provider, user: dict[str, Any], *, if_match: str | None = None, **attributes: Any) -> HttpResponse:
    body = {"schemas": [USER], "userName": user["userName"], **attributes}
    headers = {} if if_match is None else {"If-Match": if_match}
    return provider.send("PUT", _path(user), body, **headers)


@pytest.mark.rfc("7644#3.5.2")
def test_patched_user_is_answered_in_the_new_version(provider: Provider, ada: dict[str, Any]) -> None:
    answer = _retitle(provider, ada)
    body = body_of(answer)
    assert (body["title"], body["name"]) == ("Analyst", {"familyName": "Lovelace"})
    assert answer.headers["ETag"] == body["meta"]["version"] == 'W/"2"'
    assert answer.headers["Location"] == ada["meta"]["location"]
    assert body["meta"]["lastModified"] > body["meta"]["created"] == ada["meta"]["created"]
    assert read(provider, _path(ada)) == body


@pytest.mark.rfc("7644#3.5.1")
def test_put_clears_what_it_does_not_name(provider: Provider, ada: dict[str, Any]) -> None:
    body = body_of(_put(provider, ada, nickName="Ada"))
    assert "title" not in body
    assert "name" not in body
    assert (body["nickName"], body["id"], body["meta"]["version"]) == ("Ada", ada["id"], 'W/"2"')


def test_operations_of_a_patch_apply_all_or_none(provider: Provider, ada: dict[str, Any]) -> None:
    operations = [operation("replace", "title", value="Analyst"), operation("replace", "active", value="maybe")]
    refusal(patch(provider, _path(ada), *operations), 400, "invalidValue")
    assert read(provider, _path(ada)) == ada
    assert len(changes_of(provider, ada["id"])) == 1


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown attribute": (operation("replace", "favouriteColour", value="red"), "invalidPath"),
    "broken path": (operation("replace", "emails[type eq", value="x"), "invalidPath"),
    "broken filter": (operation("replace", 'emails[type nope "work"].value', value="x"), "invalidFilter"),
    "read-only": (operation("replace", "meta.created", value="2020-01-01T00:00:00Z"), "mutability"),
    "another id": (operation("replace", value={"id": "7"}), "mutability"),
    "required removed": (operation("remove", "userName"), "mutability"),
    "required emptied": (operation("replace", "userName", value=""), "invalidValue"),
    "no path to remove": (operation("remove"), "noTarget"),
    "no value": (operation("add", "title"), "invalidValue"),
    "another type": (operation("replace", "title", value={"a": 1}), "invalidValue"),
    "unknown op": (operation("move", "title", value="x"), "invalidSyntax"),
    "too long": (operation("replace", "userName", value="x" * 2_000), "invalidValue"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_operation_that_cannot_be_is_refused_by_its_keyword(provider: Provider, ada: dict[str, Any], name: str) -> None:
    refused, keyword = REFUSED[name]
    refusal(patch(provider, _path(ada), refused), 400, keyword)
    assert read(provider, _path(ada)) == ada


@pytest.mark.parametrize("operations", [[], None, {}, "add"])
def test_patch_without_operations_is_refused(provider: Provider, ada: dict[str, Any], operations: Any) -> None:
    body = {"schemas": [urns.PATCH_OP], "Operations": operations}
    refusal(provider.send("PATCH", _path(ada), body), 400, "invalidSyntax")


def test_more_than_a_thousand_operations_are_refused(provider: Provider, ada: dict[str, Any]) -> None:
    refusal(patch(provider, _path(ada), *[operation("replace", "title", value="x")] * 1_001), 413)


Write = Callable[[Provider, dict[str, Any], str], HttpResponse]
WRITES: dict[str, Write] = {
    "PATCH": lambda provider, user, tag: _retitle(provider, user, **{"If-Match": tag}),
    "PUT": lambda provider, user, tag: _put(provider, user, if_match=tag),
    "DELETE": lambda provider, user, tag: provider.send("DELETE", _path(user), **{"If-Match": tag}),
}


@pytest.mark.rfc("7644#3.14")
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("tag", ['W/"1"', '"7", W/"0"', "nonsense", ""])
def test_write_to_a_version_that_is_gone_is_refused(
    provider: Provider, ada: dict[str, Any], method: str, tag: str
) -> None:
    _retitle(provider, ada, "Princess")
    refusal(WRITES[method](provider, ada, tag), 412)
    assert read(provider, _path(ada))["title"] == "Princess"


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("tag", ['W/"1"', '"1"', '"9", W/"1"', "*"])
def test_write_to_the_present_version_is_done(provider: Provider, ada: dict[str, Any], method: str, tag: str) -> None:
    assert WRITES[method](provider, ada, tag).status_code in {200, 204}


def test_stale_write_of_a_group_is_refused(provider: Provider) -> None:
    group = create_group(provider, "Lab")
    answer = patch(provider, f"/Groups/{group['id']}", operation("remove", "members"), **{"If-Match": 'W/"2"'})
    refusal(answer, 412)


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_resource_that_the_client_has_is_not_sent_again(provider: Provider, ada: dict[str, Any], kind: str) -> None:
    shown = ada if kind == "Users" else create_group(provider, "Lab")
    path, tag = f"/{kind}/{shown['id']}", shown["meta"]["version"]
    answer = provider.send("GET", path, **{"If-None-Match": f'W/"77", {tag}'})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert body_of(provider.send("GET", path, **{"If-None-Match": 'W/"77"'})) == shown


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_user_name_of_another_is_refused(provider: Provider, ada: dict[str, Any], method: str) -> None:
    """Tolerance T69."""
    bob = provider.create("bob@example.com")
    taken = {"schemas": [USER], "userName": "ADA@example.com"}
    if method == "PUT":
        answer = provider.send("PUT", _path(bob), taken)
    else:
        answer = patch(provider, _path(bob), operation("replace", "userName", value="ADA@example.com"))
    detail = refusal(answer, 409, "uniqueness")
    assert "userName" in detail
    assert "ada" not in detail.lower()
    assert read(provider, _path(bob)) == bob


def test_own_user_name_may_change_its_case(provider: Provider, ada: dict[str, Any]) -> None:
    answer = patch(provider, _path(ada), operation("replace", "userName", value="Ada@Example.com"))
    assert body_of(answer)["userName"] == "Ada@Example.com"


def test_renamed_user_is_found_by_the_new_name_alone(provider: Provider, ada: dict[str, Any]) -> None:
    patch(provider, _path(ada), operation("replace", "userName", value="countess@example.com"))
    totals = [
        read(provider, f"/Users?filter=userName%20eq%20%22{name}@example.com%22")["totalResults"]
        for name in ("ada", "countess")
    ]
    assert totals == [0, 1]


SAME: dict[str, Callable[[Provider, dict[str, Any]], HttpResponse]] = {
    "PATCH": lambda provider, user: _retitle(provider, user, "Countess"),
    "PATCH of nothing": lambda provider, user: patch(provider, _path(user), operation("remove", "nickName")),
    "PUT": lambda provider, user: _put(provider, user, title="Countess", name={"familyName": "Lovelace"}),
    "password": lambda provider, user: patch(provider, _path(user), operation("replace", "password", value=PASSWORD)),
}


@pytest.mark.parametrize("way", SAME)
def test_write_that_changes_nothing_makes_no_version_and_an_event_that_says_so(
    provider: Provider, ada: dict[str, Any], way: str
) -> None:
    answer = SAME[way](provider, ada)
    assert body_of(answer) == ada
    assert len(changes_of(provider, ada["id"])) == 1
    events = [(event["outcome"], event["changes"]) for event in events_about(provider, ada["id"])[1:]]
    assert events == [("unchanged", [])]


def test_event_tells_each_attribute_before_and_after(provider: Provider, ada: dict[str, Any]) -> None:
    patch(
        provider,
        _path(ada),
        operation("replace", "title", value="Analyst"),
        operation("add", "nickName", value="Ada"),
        operation("remove", "name"),
    )
    event = events_about(provider, ada["id"])[-1]
    assert (event["action"], event["outcome"]) == ("scim.user.updated", "done")
    assert event["target"] == {"type": "User", "id": ada["id"], "display": "ada@example.com"}
    told = {change.pop("path"): change for change in event["changes"]}
    assert told == {
        "title": {"before": "Countess", "after": "Analyst"},
        "nickName": {"after": "Ada"},
        "name": {"before": {"familyName": "Lovelace"}},
    }


def test_change_holds_the_document_before_and_after(provider: Provider, ada: dict[str, Any]) -> None:
    _retitle(provider, ada)
    created, patched = changes_of(provider, ada["id"])
    assert (patched.version, patched.kind, patched.before) == (2, "patched", created.after)
    assert json.loads(patched.after or "")["title"] == "Analyst"


def test_password_stands_nowhere(provider: Provider) -> None:
    ada = provider.create("ada@example.com", password=PASSWORD)
    _put(provider, ada, password=PASSWORD, title="Analyst")
    patch(provider, _path(ada), operation("replace", "password", value=PASSWORD), operation("remove", "title"))
    patch(provider, _path(ada), operation("replace", value={"password": PASSWORD, "title": "Countess"}))
    provider.send("GET", f"/Users?filter=password%20eq%20%22{PASSWORD.replace(' ', '%20')}%22")
    provider.send("DELETE", _path(ada))
    kept = [json.dumps(row) for row in rows_of(provider.tenant_id)]
    with tenant_context(provider.tenant_id), tenant_scope():
        for model in (AuditEvent, Change, Resource):
            kept += [json.dumps(row, default=str) for row in model.objects.values()]
    assert len(kept) > 15
    assert [text for text in kept if "correct horse" in text] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_write_to_nobody_is_not_found(provider: Provider, ada: dict[str, Any], method: str) -> None:
    provider.send("DELETE", _path(ada))
    body: dict[str, Any] = {"schemas": [USER], "userName": "x"}
    if method == "PATCH":
        body = {"Operations": [operation("remove", "title")]}
    refusal(provider.send(method, _path(ada), body), 404)


def test_answer_to_a_write_is_projected(provider: Provider, ada: dict[str, Any]) -> None:
    answer = patch(provider, f"{_path(ada)}?attributes=title", operation("replace", "title", value="Analyst"))
    assert body_of(answer) == {"schemas": [USER], "id": ada["id"], "title": "Analyst"}


def test_user_whose_active_was_removed_is_neither_active_nor_inactive(provider: Provider, ada: dict[str, Any]) -> None:
    """RFC 7644 section 3.5.2.2; no PUT activates that user by leaving the attribute out."""
    assert "active" not in body_of(patch(provider, _path(ada), operation("remove", "active")))
    assert "active" not in body_of(_put(provider, ada, title="Analyst"))
    found = {
        text: read(provider, f"/Users?filter={quote(text)}")["totalResults"]
        for text in ("active eq true", "active eq false", "active pr", "active eq null", "not (active eq true)")
    }
    assert list(found.values()) == [0, 0, 0, 1, 1]
    assert body_of(patch(provider, _path(ada), operation("add", "active", value=False)))["active"] is False
