"""RFC 7644 sections 3.8 to 3.14 and 4: formats, projection, /Me, versions, and what the server can do."""

from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from tenants.services.authentication import forget_grants
from tenants.services.client_options import bind_client_user
from tests.scim.answers import body_of, operation, patch, read, refusal
from tests.scim.conftest import MEDIA_TYPE, USER, Provider
from tests.scim.defining import DEVICES, define

LISTS = ("/Schemas", "/ResourceTypes")


@pytest.mark.rfc("7644#3.8-1", "7644#3.8-2")
@pytest.mark.parametrize("media_type", [MEDIA_TYPE, f"{MEDIA_TYPE}; charset=utf-8", "application/json"])
def test_json_in_utf_8_is_taken_and_given(provider: Provider, media_type: str) -> None:
    body = f'{{"schemas":["{USER}"],"userName":"zo\u00eb"}}'.encode()
    answer = provider.send("POST", "/Users", body, **{"Content-Type": media_type})
    assert body_of(answer, 201)["userName"] == "zo\u00eb"
    assert "zo\u00eb".encode() in answer.content
    assert answer.headers["Content-Type"].startswith(MEDIA_TYPE)


@pytest.mark.rfc("7644#3.8-4")
@pytest.mark.parametrize("accepted", [MEDIA_TYPE, "application/json"])
def test_both_media_types_are_accepted(provider: Provider, accepted: str) -> None:
    assert read(provider, "/Users")["totalResults"] == 0
    assert body_of(provider.send("GET", "/Users", Accept=accepted))["schemas"] == [urns.LIST_RESPONSE]


@pytest.mark.rfc("7644#3.9-1", "7644#3.9-2")
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("attributes=title", {"schemas", "id", "title"}),
        ("excludedAttributes=title,id,schemas,userName", {"schemas", "id", "meta", "active"}),
    ],
)
def test_projection_holds_wherever_a_resource_is_answered(provider: Provider, query: str, shown: set[str]) -> None:
    body = {"schemas": [USER], "userName": "ada", "title": "Dr"}
    made = body_of(provider.send("POST", f"/Users?{query}", body), 201)
    path = f"/Users/{made['id']}?{query}"
    answers = [
        made,
        read(provider, path),
        body_of(provider.send("PUT", path, body)),
        body_of(patch(provider, path, operation("add", "title", value="Prof"))),
        read(provider, f"/Users?{query}")["Resources"][0],
    ]
    assert [set(answer) for answer in answers] == [shown] * 5


@pytest.mark.rfc("7644#3.11-1")
def test_me_of_nobody_is_not_implemented(provider: Provider) -> None:
    refusal(provider.send("GET", "/Me"), 501)


@pytest.mark.rfc("7644#3.11-2")
def test_me_names_the_permanent_location(provider: Provider) -> None:
    ada = provider.create("ada")
    with tenant_context(provider.tenant_id):
        name = provider.scim_client.name
        bind_client_user(client_name=name, user_id=UUID(ada["id"]), origin=system_origin("test"))
    forget_grants()
    answers = [provider.send("GET", "/Me"), patch(provider, "/Me", operation("add", "title", value="Dr"))]
    assert [answer.headers["Location"] for answer in answers] == [ada["meta"]["location"]] * 2


@pytest.mark.rfc("7644#3.13-1", "7644#3.13-2")
def test_version_stands_before_the_endpoint_and_another_is_refused(provider: Provider) -> None:
    assert "/v2/Users/" in provider.create("ada")["meta"]["location"]
    headers = {"Authorization": f"Bearer {provider.issued.text}"}
    for version in ("v1", "v3"):
        assert Client().get(f"/scim/{version}/Users", headers=headers).status_code == 404


@pytest.mark.rfc("7644#3.14-1")
def test_version_stands_in_the_header_and_in_meta(provider: Provider) -> None:
    ada = provider.create("ada")
    path = f"/Users/{ada['id']}"
    answer = provider.send("GET", path)
    version = body_of(answer)["meta"]["version"]
    assert answer.headers["ETag"] == version
    assert provider.send("GET", path, **{"If-None-Match": version}).status_code == 304
    refusal(patch(provider, path, operation("add", "title", value="Dr"), **{"If-Match": 'W/"7"'}), 412)
    changed = patch(provider, path, operation("add", "title", value="Dr"), **{"If-Match": version})
    assert body_of(changed)["meta"]["version"] == changed.headers["ETag"] != version


def _stranger(path: str) -> HttpResponse:
    return Client().get(f"/scim/v2{path}")  # type: ignore[return-value]  # the stubs name the test client's own class


@pytest.mark.rfc("7644#4-1")
def test_configuration_says_what_it_is(database: None) -> None:
    assert body_of(_stranger("/ServiceProviderConfig"))["schemas"] == [urns.SERVICE_PROVIDER_CONFIG]


@pytest.mark.rfc("7644#4-2", "7644#4-3")
def test_all_schemas_and_types_come_as_lists(provider: Provider) -> None:
    define(provider, *DEVICES)
    for path in LISTS:
        found = read(provider, path)
        assert found["schemas"] == [urns.LIST_RESPONSE]
        assert found["totalResults"] == len(found["Resources"])
    schemas = {one["id"] for one in read(provider, "/Schemas")["Resources"]}
    used: set[Any] = {one["schema"] for one in read(provider, "/ResourceTypes")["Resources"]}
    assert used | {urns.ENTERPRISE_USER} <= schemas


@pytest.mark.rfc("7644#4-4", "7644#4-5")
@pytest.mark.parametrize("path", LISTS)
def test_list_of_what_the_server_can_do_is_whole_or_refused(database: None, path: str) -> None:
    whole = body_of(_stranger(path))
    assert body_of(_stranger(f"{path}?sortBy=name&sortOrder=descending&startIndex=2&count=1")) == whole
    refusal(_stranger(f"{path}?filter=name%20pr"), 403)
