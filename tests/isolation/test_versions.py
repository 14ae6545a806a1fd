"""The oldest PostgreSQL that is supported keeps tenants apart like the newest."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from labsninja.embedded import Services, services
from labsninja.env import PROJECT_ROOT

OLDEST = 16
# Which major version the tests were to meet; unset: any that is supported.
WANTED = "LABSNINJA_TEST_POSTGRESQL"
PYTEST = ("-m", "pytest", "-q", "-s", "-p", "pytest_django.plugin", "-p", "pytest_socket", "-p", "no:cacheprovider")
TESTS = ("tests/isolation", "tests/store", "--ignore=tests/isolation/test_mutations.py")


@pytest.fixture(name="oldest")
def _oldest() -> Iterator[Services]:
    """Services of their own, in a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="ln", dir="/tmp"))
    folder.chmod(0o755)
    with services(folder / "home", postgres_version=OLDEST) as found:
        yield found
    shutil.rmtree(folder)


def test_server_is_the_one_that_was_wanted(database: None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    print(f"PostgreSQL {version}")  # noqa: T201  # the process that started this one reads it
    assert version == int(os.environ.get(WANTED, version)) >= OLDEST


@pytest.mark.skipif(WANTED in os.environ, reason="these are the tests that it runs")
def test_isolation_and_store_hold_on_the_oldest_server(oldest: Services) -> None:
    environment = {
        **os.environ,
        **oldest.urls,
        "LABSNINJA_HOME": str(oldest.home),
        WANTED: str(OLDEST),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_XDIST_WORKER": "oldest",
    }
    argv = [sys.executable, *PYTEST, *TESTS]
    ended = subprocess.run(
        argv, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"PostgreSQL {OLDEST}\n" in ended.stdout
    print(ended.stdout.splitlines()[-1])  # noqa: T201  # for the record
