"""Tests run against the embedded services (or DATABASE_URL), commit for real, and get a fresh tenant each.

There is no surrounding test transaction: a tenant scope refuses to open inside a foreign one. There is no flush either:
append-only tables cannot be emptied.
"""

import os
from collections.abc import Callable, Iterator
from uuid import UUID

import django
import pytest
import uuid_utils.compat
from django.conf import settings
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

from labsninja.local import complete_environment

complete_environment()
# One process serves everything here; a deployment gives the admin its own.
os.environ["LABSNINJA_SURFACES"] = "public,scim,console,portal,admin"
os.environ["DJANGO_SETTINGS_MODULE"] = "labsninja.settings"
django.setup()

# Pages name static files as they are called in the tree, so that nothing has to be collected; tests/portal/conftest.py
# has a fixture that collects them.
settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
settings.STATIC_ROOT = None

# Models can be imported only now.
from audit.actors import system_origin  # noqa: E402  # needs Django
from labsninja.kernel.isolation import cross_tenant, tenant_context  # noqa: E402  # needs Django
from tenants.plans import Plan  # noqa: E402  # needs Django
from tenants.services.tenants import create_tenant  # noqa: E402  # needs Django


@pytest.fixture(scope="session")
def migrated_database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of this test process: the owner creates and migrates it, the other roles look into the same one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    connections["owner"].settings_dict["TEST"]["NAME"] = f"test_labsninja_{worker}"
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        yield
        for connection in connections.all():
            connection.close()
        teardown_databases(made, verbosity=0)


@pytest.fixture
def database(migrated_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database with all its roles, outside any transaction."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def make_tenant(database: None) -> Callable[[], UUID]:
    """Makes a fresh tenant, committed and not bound."""

    def make() -> UUID:
        origin = system_origin("test")
        with cross_tenant(reason="a tenant for a test", actor=origin):
            return create_tenant(slug=f"t{uuid_utils.compat.uuid7().hex}", plan=Plan.UNLIMITED, origin=origin).id

    return make


@pytest.fixture
def tenant(make_tenant: Callable[[], UUID]) -> Iterator[UUID]:
    """A fresh tenant, bound while the test runs."""
    made = make_tenant()
    with tenant_context(made):
        yield made
