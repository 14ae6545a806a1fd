"""One deployment for all tests of a file: making a home takes longest."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.deployment import Deployment, deployed


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """A running deployment with the demo tenant; whoever kills a part of it waits for its return."""
    folder = Path(tempfile.mkdtemp(prefix="ln", dir="/tmp"))
    folder.chmod(0o755)
    with deployed(folder / "home") as running:
        yield running
    shutil.rmtree(folder)
