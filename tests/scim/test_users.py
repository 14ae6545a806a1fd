"""A User over HTTP: created, read, found, deleted (RFC 7644 sections 3.3, 3.4 and 3.6)."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant
from tenants.models import Tenant
from tenants.services.authentication import forget_grants
from tenants.services.client_options import change_tenant_options
from tests.scim.answers import events_about
from tests.scim.conftest import MEDIA_TYPE, USER, Provider

ADA = {"schemas": [USER], "userName": "ada@example.com", "name": {"familyName": "Lovelace"}, "active": True}


def _list(provider: Provider, query: str = "") -> dict[str, Any]:
    answer = provider.send("GET", f"/Users{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = json.loads(answer.content)
    return found


def _filter(provider: Provider, text: str) -> dict[str, Any]:
    return _list(provider, f"?filter={quote(text)}")


@pytest.mark.rfc("7644#3.3", "7643#4.1")
def test_created_user_is_answered_with_201_and_its_location(provider: Provider) -> None:
    answer = provider.send("POST", "/Users", ADA)
    body = json.loads(answer.content)
    assert answer.status_code == 201
    assert answer.headers["Location"] == body["meta"]["location"] == f"http://testserver/scim/v2/Users/{body['id']}"
    assert answer.headers["ETag"] == body["meta"]["version"]
    assert {name: body[name] for name in ADA} == ADA
    assert body["meta"]["resourceType"] == "User"
    assert body["meta"]["created"] == body["meta"]["lastModified"]
    assert str(UUID(body["id"])) == body["id"]


@pytest.mark.rfc("7644#3.4.1")
def test_read_user_is_the_created_one(provider: Provider) -> None:
    created = provider.send("POST", "/Users", ADA)
    read = provider.send("GET", f"/Users/{json.loads(created.content)['id']}")
    assert read.status_code == 200
    assert json.loads(read.content) == json.loads(created.content)
    assert read.headers["ETag"] == created.headers["ETag"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/Users"), ("GET", "/Users"), ("GET", "/Users/{id}")])
def test_answer_is_scim_of_known_length_that_no_cache_keeps(provider: Provider, method: str, path: str) -> None:
    path = path.format(id=provider.create("grace@example.com")["id"])
    answer = provider.send(method, path, ADA if method == "POST" else None)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(answer.content))


@pytest.mark.parametrize("path", ["/Users/", "/Users/{id}/"])
def test_trailing_slash_is_taken_as_it_comes(provider: Provider, path: str) -> None:
    assert provider.send("GET", path.format(id=provider.create("ada@example.com")["id"])).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/scim+json; charset=utf-8", "Application/JSON"]
)
def test_plain_json_is_taken_too(provider: Provider, content_type: str) -> None:
    assert provider.send("POST", "/Users", ADA, **{"Content-Type": content_type}).status_code == 201


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/scim+json, application/json"])
def test_answer_is_scim_whatever_is_accepted(provider: Provider, accept: str) -> None:
    assert provider.send("GET", "/Users", Accept=accept).headers["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize("user_name", ["ada@example.com", "ADA@Example.COM", "\uff21da@example.com"])
def test_second_user_of_one_name_is_refused_and_its_detail_names_the_attribute_alone(
    provider: Provider, user_name: str
) -> None:
    provider.create("ada@example.com")
    answer = provider.send("POST", "/Users", {"schemas": [USER], "userName": user_name})
    body = json.loads(answer.content)
    assert (answer.status_code, body["status"], body["scimType"]) == (409, "409", "uniqueness")
    assert "userName" in body["detail"]
    assert "example" not in body["detail"].lower()
    assert _list(provider)["totalResults"] == 1


def test_two_tenants_may_have_users_of_one_name(make_provider: Callable[[], Provider]) -> None:
    one, other = make_provider(), make_provider()
    assert one.create("ada@example.com")["id"] != other.create("ada@example.com")["id"]
    assert (_list(one)["totalResults"], _list(other)["totalResults"]) == (1, 1)


@pytest.mark.rfc("7644#3.6")
def test_deleted_user_is_gone_for_good(provider: Provider) -> None:
    path = f"/Users/{provider.create('ada@example.com')['id']}"
    deleted = provider.send("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [provider.send(method, path).status_code for method in ("GET", "DELETE")] == [404, 404]
    assert _list(provider)["totalResults"] == 0


def test_answer_without_content_has_neither_type_nor_length(provider: Provider) -> None:
    """RFC 9110 section 8.6: a 204 has no Content-Length."""
    answer = provider.send("DELETE", f"/Users/{provider.create('ada@example.com')['id']}")
    assert "Content-Type" not in answer.headers
    assert "Content-Length" not in answer.headers


def test_name_of_a_deleted_user_is_free_and_its_id_is_not(provider: Provider) -> None:
    first = provider.create("ada@example.com")
    provider.send("DELETE", f"/Users/{first['id']}")
    assert provider.create("ada@example.com")["id"] != first["id"]


def test_id_that_the_client_sends_is_not_taken(provider: Provider) -> None:
    chosen = str(uuid4())
    assert provider.create("ada@example.com", id=chosen)["id"] != chosen


@pytest.mark.parametrize(
    "wanted",
    ['userName eq "ada@example.com"', 'username EQ "ADA@EXAMPLE.COM"', f'{USER}:userName eq "ada@example.com"'],
)
def test_user_is_found_by_name_whatever_its_case(provider: Provider, wanted: str) -> None:
    provider.create("grace@example.com")
    ada = provider.create("Ada@Example.com")
    found = _filter(provider, wanted)
    assert (found["totalResults"], found["itemsPerPage"], found["startIndex"]) == (1, 1, 1)
    assert found["Resources"] == [ada]
    assert found["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]


@pytest.mark.parametrize("wanted", ['userName eq "nobody@example.com"', 'userName eq ""', 'userName eq "a\\"b"'])
def test_name_that_nobody_has_finds_nothing(provider: Provider, wanted: str) -> None:
    provider.create("ada@example.com")
    assert _filter(provider, wanted)["totalResults"] == 0


def test_user_of_another_tenant_is_not_found(make_provider: Callable[[], Provider]) -> None:
    make_provider().create("ada@example.com")
    assert _filter(make_provider(), 'userName eq "ada@example.com"')["Resources"] == []


@pytest.mark.parametrize(
    "wanted",
    [
        'nosuch eq "a"',
        'password eq "a"',
        "active gt true",
        "userName eq",
        "(",
        "x" * 9_000,
        "userName eq \x00",
    ],
    ids=lambda text: text[:30],
)
def test_filter_that_is_not_answered_is_refused_as_invalid(provider: Provider, wanted: str) -> None:
    answer = provider.send("GET", f"/Users?filter={quote(wanted)}")
    assert (answer.status_code, json.loads(answer.content)["scimType"]) == (400, "invalidFilter")


def test_null_is_the_name_of_nobody(provider: Provider) -> None:
    for user_name in ("null", "none"):
        provider.create(user_name)
    answer = provider.send("GET", "/Users?filter=userName%20eq%20null")
    assert json.loads(answer.content).get("Resources", []) == []


def test_list_is_paged_in_the_order_of_creation(provider: Provider) -> None:
    made = [provider.create(f"user{number}@example.com")["id"] for number in range(5)]
    page = _list(provider, "?startIndex=2&count=3")
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 2, 3)
    assert [found["id"] for found in page["Resources"]] == made[1:4]


@pytest.mark.parametrize(
    ("query", "start_index", "items"),
    [
        ("?count=0", 1, 0),
        ("?count=-1", 1, 0),
        ("?startIndex=0", 1, 2),
        ("?startIndex=-7", 1, 2),
        ("?startIndex=3", 3, 0),
        ("?count=1000000", 1, 2),
        (f"?count={10**30}", 1, 2),
    ],
)
def test_page_beyond_the_bounds_is_brought_within_them(
    provider: Provider, query: str, start_index: int, items: int
) -> None:
    provider.create("ada@example.com")
    provider.create("grace@example.com")
    page = _list(provider, query)
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (2, start_index, items)


def test_page_far_beyond_the_end_is_empty(provider: Provider) -> None:
    provider.create("ada@example.com")
    page = _list(provider, f"?startIndex={10**30}")
    assert (page["totalResults"], page["Resources"]) == (1, [])


@pytest.mark.parametrize("query", ["startIndex=one", "count=1.5", f"count={'9' * 5_000}"], ids=lambda text: text[:20])
def test_page_that_is_no_number_is_refused(provider: Provider, query: str) -> None:
    answer = provider.send("GET", f"/Users?{query}")
    assert (answer.status_code, json.loads(answer.content)["scimType"]) == (400, "invalidValue")


def test_password_is_neither_answered_nor_stored(provider: Provider) -> None:
    created = provider.create("ada@example.com", password="correct horse battery")
    read = provider.send("GET", f"/Users/{created['id']}")
    assert "password" not in created
    assert b"correct horse" not in read.content


def test_user_who_comes_back_gets_the_old_id_where_the_tenant_chose_so(provider: Provider) -> None:
    former = provider.create("ada@example.com")
    provider.send("DELETE", f"/Users/{former['id']}")
    origin = system_origin("test")
    with cross_tenant(reason="a test of revival", actor=origin):
        slug = Tenant.objects.get(id=provider.tenant_id).slug
        change_tenant_options(slug=slug, options={"revive_deleted": True}, origin=origin)
    forget_grants()
    revived = provider.create("Ada@example.com")
    assert revived["id"] == former["id"]
    assert revived["meta"]["version"] == 'W/"3"'
    assert provider.create("bob@example.com")["id"] != former["id"]


@pytest.mark.parametrize("number", [2**53, 2**63 - 1, -(2**63)])
def test_number_that_a_proof_cannot_hold_is_kept_and_told_as_text(provider: Provider, number: int) -> None:
    created = provider.create("ada", **{"urn:example:lab": {"badges": [number]}})
    assert created["urn:example:lab"] == {"badges": [number]}
    (event,) = events_about(provider, created["id"])
    assert {"path": "urn:example:lab", "after": {"badges": [str(number)]}} in event["changes"]
