"""An OAuth client of others (Authlib) meets the token endpoint: it finds it, authenticates, and calls SCIM."""

from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from django.test import Client
from pytest_django import Settings
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tenants.services.tokens import IssuedToken
from tests.scim.conftest import USER, Provider
from tests.scim.oauth import give_secret

ROOT = "https://scim.example.com"
METHODS = ("client_secret_basic", "client_secret_post")


class Wire(BaseAdapter):
    """Leads requests into this process."""

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        headers = dict(request.headers)
        content_type = str(headers.pop("Content-Type", ""))
        answer = Client().generic(
            str(request.method), request.path_url, request.body or b"", content_type, secure=True, headers=headers
        )
        response = Response()
        response.status_code, response._content = answer.status_code, answer.content
        response.headers = CaseInsensitiveDict(answer.headers)
        return response

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture(autouse=True)
def root(settings: Settings) -> None:
    """The deployment has a public address: Authlib speaks HTTPS alone."""
    settings.LABSNINJA_BASE_URL = ROOT


@pytest.fixture
def secret(provider: Provider) -> IssuedToken:
    return give_secret(provider)


def _client(provider: Provider, secret: str, method: str = METHODS[0]) -> Any:
    client = OAuth2Session(str(provider.scim_client.id), secret, token_endpoint_auth_method=method)
    client.mount(ROOT, Wire())
    return client


def _find_metadata(client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get(get_well_known_url(ROOT, external=True), withhold_token=True).json()
    return found


def test_metadata_is_what_a_client_takes_for_valid(provider: Provider) -> None:
    metadata = AuthorizationServerMetadata(_find_metadata(_client(provider, "")))
    for name in sorted({*metadata.REGISTRY_KEYS} - {"response_types_supported"}):  # to Authlib an empty list is none
        object.__getattribute__(metadata, f"validate_{name}")()
    assert metadata["issuer"] == ROOT


@pytest.mark.rfc("6749#4.4")
@pytest.mark.capability("oauth-client-credentials")
@pytest.mark.parametrize("method", METHODS)
def test_client_finds_the_endpoint_fetches_a_token_and_calls_scim(
    provider: Provider, secret: IssuedToken, method: str
) -> None:
    with _client(provider, secret.text, method) as client:
        endpoint = _find_metadata(client)["token_endpoint"]
        token = client.fetch_token(endpoint, grant_type="client_credentials")
        assert (token["token_type"], token["scope"]) == ("Bearer", "scim:read scim:write")
        made = client.post(f"{ROOT}/scim/v2/Users", json={"schemas": [USER], "userName": "ada"})
        assert made.status_code == 201
        assert client.get(f"{ROOT}/scim/v2/Users").json()["totalResults"] == 1


def test_client_is_told_what_scope_it_may_not_have(provider: Provider) -> None:
    secret = give_secret(provider, scopes=["scim:read"])
    with _client(provider, secret.text) as client, pytest.raises(OAuthError) as caught:
        client.fetch_token(f"{ROOT}/oauth2/token", grant_type="client_credentials", scope="scim:write")
    assert caught.value.error == "invalid_scope"


@pytest.mark.parametrize("method", METHODS)
def test_client_understands_that_its_secret_is_wrong(provider: Provider, method: str) -> None:
    with _client(provider, "hunter2", method) as client, pytest.raises(OAuthError) as caught:
        client.fetch_token(f"{ROOT}/oauth2/token", grant_type="client_credentials")
    assert caught.value.error == "invalid_client"
