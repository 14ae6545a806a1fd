"""Own short-lived homes. Needs no Django: the services run before its settings exist."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labsninja.embedded import Services, services
from tests.embedded.holders import Holder


@pytest.fixture(autouse=True)
def _no_services_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "PLATFORM_DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "LABSNINJA_EMBEDDED_USER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(name="place")
def _place() -> Iterator[Path]:
    """An empty folder that every user may enter."""
    yield from _folder(mode=0o755)


@pytest.fixture(name="closed_place")
def _closed_place() -> Iterator[Path]:
    """An empty folder that only its owner may enter."""
    yield from _folder(mode=0o700)


@pytest.fixture(name="running", scope="session")
def _running() -> Iterator[Services]:
    """Services for tests that change nothing."""
    for folder in _folder(mode=0o755):
        with services(folder / "home") as found:
            yield found


@pytest.fixture(name="home", scope="session")
def _home() -> Iterator[Path]:
    """One home that tests start and stop in turn, as making data takes longest; each leaves it stopped and usable."""
    for folder in _folder(mode=0o755):
        yield folder / "home"


@pytest.fixture(name="hold")
def _hold() -> Iterator[Callable[..., Holder]]:
    """Starts holders; they end with the test."""
    holders: list[Holder] = []

    def hold(home: Path, **options: Any) -> Holder:
        holders.append(Holder(home, **options))
        return holders[-1]

    yield hold
    for holder in holders:
        holder.finish()


def _folder(*, mode: int) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ln", dir="/tmp"))
    folder.chmod(mode)
    yield folder
    shutil.rmtree(folder)
