"""A tenant with a SCIM client, and tokens of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from audit.actors import Origin, system_origin
from tenants.models import ScimClient
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, IssuedToken, issue_token
from tests.labsninja.processes import last_use_writer_allowed

Issue = Callable[..., IssuedToken]


@pytest.fixture(scope="session", autouse=True)
def writer(migrated_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The thread that writes last uses may work while these tests run."""
    with last_use_writer_allowed(django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def without_memory() -> None:
    """No token is remembered from another test."""
    forget_grants()


@pytest.fixture(autouse=True)
def without_attempts(database: None) -> None:
    """Nobody has tried to sign in from any network."""
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM tenants_sign_in_throttle")


@pytest.fixture
def scim_client(tenant: UUID) -> ScimClient:
    """A SCIM client of the bound tenant."""
    return create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))


@pytest.fixture
def issue(scim_client: ScimClient) -> Issue:
    """Issues a token of the SCIM client; `at` is when."""

    def make(*, at: datetime | None = None, **options: Any) -> IssuedToken:
        return issue_token(scim_client=scim_client, origin=origin_at(at), **{"scopes": SCOPES, **options})

    return make


def origin_at(at: datetime | None = None) -> Origin:
    """An origin of that moment, of now without one."""
    return replace(system_origin("test"), at=at or datetime.now(UTC))
