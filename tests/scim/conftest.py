"""SCIM as an identity provider meets it: a tenant's token and HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.services import denials
from scim.services.request_log import flush_requests
from tenants.models import ScimClient
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, IssuedToken, issue_token
from tests.labsninja.processes import last_use_writer_allowed

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
MEDIA_TYPE = "application/scim+json"


@dataclass
class Provider:
    """An identity provider: `send` speaks HTTP to this process with its token."""

    tenant_id: UUID
    scim_client: ScimClient
    issued: IssuedToken

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """The answer to `method` on /scim/v2`path`; a body that is no bytes goes as SCIM JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self.issued.text}", "Content-Type": MEDIA_TYPE, **headers}
        content_type = sent.pop("Content-Type")
        return Client().generic(  # type: ignore[return-value]  # the stubs name the test client's own class
            method, f"/scim/v2{path}", data, content_type=content_type, headers=sent
        )

    def create(self, user_name: str, **attributes: Any) -> dict[str, Any]:
        """The new User as answered."""
        answer = self.send("POST", "/Users", {"schemas": [USER], "userName": user_name, **attributes})
        assert answer.status_code == 201, answer.content
        created: dict[str, Any] = json.loads(answer.content)
        return created

    def holds(self, **options: Any) -> "Provider":
        """The same provider with another token, issued with these options."""
        return Provider(self.tenant_id, self.scim_client, _issue(self.tenant_id, self.scim_client, **options))


def _issue(tenant_id: UUID, scim_client: ScimClient, **options: Any) -> IssuedToken:
    with tenant_context(tenant_id):
        return issue_token(scim_client=scim_client, origin=system_origin("test"), **{"scopes": SCOPES, **options})


@pytest.fixture(scope="session", autouse=True)
def writer(migrated_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The thread that writes last uses may work while these tests run."""
    with last_use_writer_allowed(django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def without_memory() -> None:
    """No token is remembered from another test."""
    forget_grants()


@pytest.fixture
def make_provider(make_tenant: Callable[[], UUID]) -> Callable[[], Provider]:
    """Makes an identity provider with a tenant of its own."""

    def make() -> Provider:
        tenant_id = make_tenant()
        with tenant_context(tenant_id):
            client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
        return Provider(tenant_id, client, _issue(tenant_id, client))

    return make


@pytest.fixture
def provider(make_provider: Callable[[], Provider]) -> Provider:
    """An identity provider with a tenant of its own; no tenant is bound."""
    return make_provider()


@pytest.fixture
def settled(database: None) -> Iterator[None]:
    """No attempt of another test waits or was told of a moment ago."""
    flush_requests(at_once=True)
    denials._told.clear()
    yield
    flush_requests(at_once=True)
    denials._told.clear()


@pytest.fixture
def refuse(database: None) -> Iterator[Callable[[str, str], None]]:
    """Makes PostgreSQL refuse rows of a table that do not meet a condition, until the test ends."""
    refused = []

    def make(table: str, condition: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT refused_for_a_test CHECK ({condition}) NOT VALID")
        refused.append(table)

    yield make
    with connections["owner"].cursor() as cursor:
        for table in refused:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT refused_for_a_test")
