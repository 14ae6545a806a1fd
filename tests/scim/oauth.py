"""What tests of the token endpoint say over and over: secrets that are given, tokens that are asked for."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.services.tokens import SCOPES, IssuedToken, issue_secret
from tests.scim.conftest import Provider

TOKEN = "/oauth2/token"
FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


def give_secret(provider: Provider, **options: Any) -> IssuedToken:
    """A client secret of the provider's SCIM client, with both scopes where nothing else is said."""
    with tenant_context(provider.tenant_id):
        wanted = {"scopes": SCOPES, "origin": system_origin("test"), **options}
        return issue_secret(scim_client=provider.scim_client, **wanted)


def basic(client_id: object, secret: str) -> dict[str, str]:
    """The header of client_secret_basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def in_body(client_id: object, secret: str) -> dict[str, str]:
    """The parameters of client_secret_post."""
    return {"client_id": str(client_id), "client_secret": secret}


def ask(body: Mapping[str, str] | bytes, *, path: str = TOKEN, method: str = "POST", **headers: str) -> HttpResponse:
    """The answer to a token request; a body that is no bytes goes as a form."""
    data = body if isinstance(body, bytes) else urlencode(body).encode()
    sent = {"Content-Type": FORM, **headers}
    content_type = sent.pop("Content-Type")
    return Client().generic(  # type: ignore[return-value]  # the stubs name the test client's own class
        method, path, data, content_type=content_type, headers=sent
    )


def fetch(provider: Provider, secret: IssuedToken, **form: str) -> dict[str, Any]:
    """The token response to an honest request."""
    answer = ask({**GRANT, **form}, **basic(provider.scim_client.id, secret.text))
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = json.loads(answer.content)
    return told


def refused(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, json.loads(answer.content)["error"]


def call(provider: Provider, access_token: str, method: str = "GET", body: Any = None) -> HttpResponse:
    """The answer of /Users to an access token."""
    return provider.send(method, "/Users", body, Authorization=f"Bearer {access_token}")


def now() -> datetime:
    return datetime.now(UTC)
