"""Every guard is needed: a copy of the product without it turns red, the whole copy is green."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labsninja.env import PROJECT_ROOT
from tests.isolation.mutations import MUTATIONS, Mutation

COPIED = ("labsninja", "audit", "tenants", "scim", "portal", "tests")
FILES = ("manage.py", "pyproject.toml")
# Only the plug-ins that the tests need: the others would take most of the time.
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "pytest_django.plugin", "-p", "pytest_socket", "-p", "no:cacheprovider")
PASSED, FAILED = 0, 1


@pytest.fixture(name="copy", scope="module")
def _copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product and its tests."""
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        shutil.copytree(PROJECT_ROOT / name, folder / name, ignore=shutil.ignore_patterns("migrations.pyc"))
    for name in FILES:
        shutil.copy2(PROJECT_ROOT / name, folder / name)
    return folder


@pytest.fixture(name="mutated")
def _mutated(copy: Path, mutation: Mutation) -> Iterator[Path]:
    """The copy with one guard less; it is whole again afterwards."""
    path = copy / mutation.path
    text = path.read_text()
    assert text.count(mutation.old) == 1, f"{mutation.path} no longer holds it once"
    path.write_text(text.replace(mutation.old, mutation.new))
    yield copy
    shutil.copy2(PROJECT_ROOT / mutation.path, path)


def _run(folder: Path, tests: list[str], words: str) -> subprocess.CompletedProcess[str]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_XDIST_WORKER": f"mutated_{worker}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    argv = [sys.executable, *PYTEST, *(["-k", words] if words else []), *tests]
    return subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.guard.replace(" ", "-") for mutation in MUTATIONS])
def test_product_without_the_guard_turns_red(mutated: Path, mutation: Mutation) -> None:
    ended = _run(mutated, [mutation.tests], mutation.words)
    assert ended.returncode == FAILED, ended.stdout + ended.stderr
    assert " error" not in ended.stdout.splitlines()[-1], ended.stdout


def test_whole_product_is_green(copy: Path) -> None:
    ended = _run(copy, sorted({mutation.tests for mutation in MUTATIONS}), "not catalog_is_found")
    assert ended.returncode == PASSED, ended.stdout + ended.stderr


def test_mutations_are_told_apart() -> None:
    assert len({mutation.guard for mutation in MUTATIONS}) == len(MUTATIONS)
    assert len({replace(mutation, guard="") for mutation in MUTATIONS}) == len(MUTATIONS)
