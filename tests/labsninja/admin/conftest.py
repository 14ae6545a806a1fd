"""An administrator at the platform's admin, and a tenant with a token for them to look at."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import ScimClient
from tenants.realms import ADMIN
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import IssuedToken, issue_token
from tests.labsninja.processes import last_use_writer_allowed
from tests.portal.signing_in import open_session
from tests.tenants.people import make_person


@pytest.fixture(scope="session", autouse=True)
def writer(migrated_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The threads that write last uses and requests may work while these tests run."""
    with last_use_writer_allowed(django_db_blocker):
        yield


@pytest.fixture
def administrator(database: None) -> Any:
    return make_person(ADMIN)


@pytest.fixture
def office(administrator: Any) -> Client:
    """The browser of an administrator who has just shown who they are."""
    client = Client()
    open_session(client, ADMIN, administrator)
    return client


@pytest.fixture
def tenant_id(make_tenant: Any) -> UUID:
    made: UUID = make_tenant()
    return made


@pytest.fixture
def scim_client(tenant_id: UUID) -> ScimClient:
    with tenant_context(tenant_id):
        return create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))


@pytest.fixture
def issued(tenant_id: UUID, scim_client: ScimClient) -> IssuedToken:
    with tenant_context(tenant_id):
        return issue_token(scim_client=scim_client, scopes=["scim:read"], origin=system_origin("test"))
