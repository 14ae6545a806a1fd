"""An identity provider of a tenant that provisions people, and what the log keeps of it, for tests of the console."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.services.request_log import flush_requests
from tenants.models import ScimClient
from tenants.services.authentication import forget_grants
from tenants.services.lifecycle import change_lifecycle
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Provider:
    """One SCIM client of a tenant; it sends to `site`, or to this process."""

    tenant_id: UUID
    name: str = "Okta"
    site: str = ""

    def __post_init__(self) -> None:
        forget_grants()
        with tenant_context(self.tenant_id):
            self.client = made = create_scim_client(
                name=self.name, kind=ScimClient.Kind.OKTA, origin=system_origin("test")
            )
            token = issue_token(scim_client=made, scopes=SCOPES, origin=system_origin("test")).text
        self.headers = {"authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: Any = None) -> Any:
        if self.site:
            return httpx.request(method, f"{self.site}/scim/v2{path}", json=body, headers=self.headers)
        given = {"content_type": "application/scim+json", "data": json.dumps(body)} if body is not None else {}
        return getattr(Client(), method)(f"/scim/v2{path}", headers=self.headers, **given)

    def add_user(self, user_name: str, /, **values: Any) -> str:
        body = {"schemas": [urns.USER], "userName": user_name, **values}
        return str(self.send("post", "/Users", body).json()["id"])

    def add_group(self, name: str, *members: str) -> str:
        body = {"schemas": [urns.GROUP], "displayName": name, "members": [{"value": member} for member in members]}
        return str(self.send("post", "/Groups", body).json()["id"])

    def patch(self, path: str, *operations: Any) -> Any:
        return self.send("patch", path, {"schemas": [PATCH], "Operations": list(operations)})

    def replace(self, user_id: str, path: str, value: Any) -> Any:
        return self.patch(f"/Users/{user_id}", {"op": "replace", "path": path, "value": value})

    def flush(self) -> None:
        """Have the log hold what was sent."""
        flush_requests(at_once=True)


def hold_people(provider: Provider, *, number: int, count: int = 5) -> list[str]:
    """So many people whom the provider deactivates at once, with the breaker set to `count`; gives their ids."""
    with tenant_context(provider.tenant_id):
        change_lifecycle(values={"breaker_count": count, "breaker_percent": 1}, origin=system_origin("test"))
    people = [provider.add_user(f"user{each:02}@example.test", active=True) for each in range(number)]
    for person in people:
        assert provider.replace(person, "active", False).status_code == 200
    return people
