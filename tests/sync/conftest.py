"""A tenant with a directory, and a connector of it to a quirk server on loopback."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import override_settings

from tests.sync.quirk_server import QuirkServer, serving
from tests.sync.reaching import LOOPBACK
from tests.sync.syncing import Site


@pytest.fixture
def target() -> Iterator[QuirkServer]:
    """A plain one; its `quirks` may be changed."""
    with serving() as server:
        yield server


@pytest.fixture
def site(tenant: UUID, target: QuirkServer) -> Iterator[Site]:
    """The bound tenant with a connector that works, and nobody in it yet."""
    with override_settings(LABSNINJA_OUTBOUND=LOOPBACK):
        yield Site.make(tenant, target)
