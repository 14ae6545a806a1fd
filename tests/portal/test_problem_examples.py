"""The example on an error's page is what the API really answers."""

from typing import Any

import pytest

from portal.public.problems import BY_CODE
from tests.scim.answers import body_of
from tests.scim.conftest import USER, Provider, make_provider, provider, without_memory, writer

__all__ = ["make_provider", "provider", "without_memory", "writer"]
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ADA = {"schemas": [USER], "userName": "ada@example.com"}


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


# code: method, path ({id} is that of Ada), body
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "invalidFilter": ("GET", "/Users?filter=userName%20~~%20%22ada%22", None),
    "uniqueness": ("POST", "/Users", ADA),
    "mutability": ("PATCH", "/Users/{id}", patch({"op": "replace", "path": "groups", "value": []})),
    "invalidSyntax": ("PATCH", "/Users/{id}", patch()),
    "invalidPath": ("PATCH", "/Users/{id}", patch({"op": "replace", "path": "nickNme", "value": "x"})),
    "invalidValue": ("POST", "/Users", {"schemas": [USER]}),
    "invalidCursor": ("GET", "/Users?cursor=x", None),
    "invalidCount": ("GET", "/Users?cursor=&count=x", None),
    "404": ("GET", "/Groups/x", None),
    "405": ("PUT", "/Users", ADA),
    "501": ("GET", "/Me", None),
}


@pytest.mark.parametrize("code", REQUESTS)
def test_example_is_what_the_api_answers(provider: Provider, code: str) -> None:
    ada = provider.create("ada@example.com")["id"]
    method, path, body = REQUESTS[code]
    problem = BY_CODE[code]
    told = body_of(provider.send(method, path.replace("{id}", ada), body), problem.status)
    assert (told.get("scimType", code), told["detail"]) == (code, problem.detail)
