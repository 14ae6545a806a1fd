"""A client that nobody is signed in with, a tenant with its identity provider, and the site as a deployment serves it:
collected, hashed, compressed.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.labsninja.processes import last_use_writer_allowed
from tests.portal.provisioning import Provider

MANIFEST = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}


@pytest.fixture(scope="session", autouse=True)
def writer(migrated_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The threads that write last uses and the request log may work while these tests run."""
    with last_use_writer_allowed(django_db_blocker):
        yield


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def tenant_id(make_tenant: Callable[[], UUID]) -> UUID:
    return make_tenant()


@pytest.fixture
def okta(tenant_id: UUID) -> Provider:
    """An identity provider of that tenant."""
    return Provider(tenant_id)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that static files were collected into, while the settings name it."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STORAGES=MANIFEST, STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder
