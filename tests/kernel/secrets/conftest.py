"""Key encryption keys of a test, and a data key table that starts empty."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labsninja.kernel.isolation import cross_tenant
from labsninja.kernel.models import DataKey
from labsninja.kernel.secrets.data_keys import key_cache

KEYS = {name: os.urandom(32) for name in ("old", "new")}


@pytest.fixture
def use_keys(settings: Any) -> Callable[..., None]:
    """Sets the deployment's key encryption keys by name, the first of them active, and forgets open data keys."""

    def use(*names: str) -> None:
        settings.LABSNINJA_ENCRYPTION_KEYS = {name: KEYS[name] for name in names}
        key_cache.clear()

    return use


@pytest.fixture(autouse=True)
def _fresh_keys(database: None, use_keys: Any) -> Iterator[None]:
    """What other tests have sealed is readable again afterwards."""
    with cross_tenant(reason="an empty table for a test"):
        kept = list(DataKey.across.all())
        DataKey.across.all().delete()
    use_keys("old")
    yield
    with cross_tenant(reason="the table as it was"):
        DataKey.across.all().delete()
        DataKey.across.bulk_create(kept)
    key_cache.clear()
