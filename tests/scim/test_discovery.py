"""What the server says of itself (RFC 7644 section 4, RFC 7643 sections 5 to 7), to anybody who asks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from scim.protocol import urns
from tests.scim.answers import body_of, refusal
from tests.scim.conftest import MEDIA_TYPE, USER, Provider

LISTS = ("/Schemas", "/ResourceTypes")
ENDPOINTS = (*LISTS, "/ServiceProviderConfig")
HERE = "http://testserver/scim/v2"


def _ask(path: str, **headers: str) -> HttpResponse:
    return Client().get(f"/scim/v2{path}", headers=headers)  # type: ignore[return-value]  # as in conftest


def _find(path: str) -> Any:
    return body_of(_ask(path))


@pytest.fixture(autouse=True)
def served(database: None) -> None:
    """The request log has its database."""


@pytest.mark.parametrize("path", ENDPOINTS)
def test_stranger_may_read_what_the_server_can_do(path: str) -> None:
    answer = _ask(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, MEDIA_TYPE)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_token_whatever_it_is_changes_nothing_of_it(provider: Provider, path: str) -> None:
    with_token, with_nonsense = provider.send("GET", path), _ask(path, Authorization="Bearer nonsense")
    assert with_token.content == with_nonsense.content == _ask(path).content


@pytest.mark.parametrize("path", [*LISTS, f"/Schemas/{USER}", "/ResourceTypes/User"])
def test_filter_on_discovery_is_refused(path: str) -> None:
    refusal(_ask(f"{path}?filter=id%20pr"), 403)


@pytest.mark.parametrize("path", ["/Schemas/urn:nobody", "/ResourceTypes/Badge", "/Schemas/User"])
def test_name_that_is_not_known_is_not_found(path: str) -> None:
    refusal(_ask(path), 404)


@pytest.mark.parametrize("path", LISTS)
def test_list_holds_each_resource_at_its_own_address(path: str) -> None:
    found = _find(path)
    assert found["schemas"] == [urns.LIST_RESPONSE]
    assert found["totalResults"] == found["itemsPerPage"] == len(found["Resources"])
    for one in found["Resources"]:
        assert one["meta"]["location"] == f"{HERE}{path}/{one['id']}"
        assert _find(f"{path}/{one['id']}") == one


@pytest.mark.parametrize("path", [f"/Schemas/{USER.upper()}", "/ResourceTypes/user", "/ResourceTypes/User/"])
def test_name_is_found_whatever_its_case(path: str) -> None:
    assert _ask(path).status_code == 200


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_discovery_can_only_be_read(provider: Provider, path: str, method: str) -> None:
    answer = provider.send(method, path, {})
    refusal(answer, 405)
    assert "GET" in answer.headers["Allow"]


def _nulls(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _nulls(inner)
    elif value is None:
        yield value


@pytest.mark.parametrize("path", ENDPOINTS)
def test_nothing_of_it_is_null(path: str) -> None:
    assert list(_nulls(_find(path))) == []


@pytest.mark.rfc("7644#4", "7643#5")
def test_config_has_every_member_that_clients_read() -> None:
    config = _find("/ServiceProviderConfig")
    for name in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert isinstance(config[name]["supported"], bool)
    assert (config["bulk"]["maxOperations"], config["bulk"]["maxPayloadSize"]) == (1000, 5 * 1024 * 1024)
    assert config["filter"]["maxResults"] == 1000
    assert config["authenticationSchemes"][0]["type"] == "oauthbearertoken"
    assert config["meta"] == {"resourceType": "ServiceProviderConfig", "location": f"{HERE}/ServiceProviderConfig"}


def test_resource_types_name_their_schemas() -> None:
    types = {one["id"]: one for one in _find("/ResourceTypes")["Resources"]}
    assert {name: (one["endpoint"], one["schema"]) for name, one in types.items()} == {
        "User": ("/Users", USER),
        "Group": ("/Groups", urns.GROUP),
    }
    assert types["User"]["schemaExtensions"] == [{"schema": urns.ENTERPRISE_USER, "required": False}]


def test_schemas_tell_the_characteristics_of_attributes() -> None:
    attributes = {one["name"]: one for one in _find(f"/Schemas/{USER}")["attributes"]}
    name = attributes["userName"]
    assert (name["uniqueness"], name["caseExact"], name["required"]) == ("server", False, True)
    password = attributes["password"]
    assert (password["mutability"], password["returned"]) == ("writeOnly", "never")
    assert attributes["groups"]["mutability"] == "readOnly"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_me_of_a_client_that_is_bound_to_nobody_is_a_501_for_every_method(provider: Provider, method: str) -> None:
    refusal(provider.send(method, "/Me", {}), 501)


def test_me_asks_for_a_token_first() -> None:
    assert json.loads(_ask("/Me").content)["status"] == "401"
