"""A table that only the holder of a lease writes to, and real processes that contend for that lease."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connections

CONTENDER = Path(__file__).parent / "contender.py"
Process = subprocess.Popen[str]


@pytest.fixture
def name() -> str:
    """A lease that no other test knows."""
    return f"lease-{uuid4()}"


@pytest.fixture
def effects(database: None) -> Iterator[None]:
    """The table lease_effect. It has no unique constraint: a lost or doubled step would show."""
    columns = (
        "step bigint, fence bigint, owner text, entered timestamptz DEFAULT clock_timestamp(), finished timestamptz"
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE TABLE lease_effect ({columns})")
        cursor.execute("GRANT SELECT, INSERT, UPDATE ON lease_effect TO ln_app")
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE lease_effect")


@pytest.fixture
def start(effects: None, name: str) -> Iterator[Callable[..., Process]]:
    """Starts a contender process for the lease; what is left of them is killed at the end."""
    environment = {**os.environ, "DATABASE_URL": _database_url()}
    processes: list[Process] = []

    def start_one(mode: str, *, seconds: float) -> Process:
        argv = [sys.executable, str(CONTENDER), mode, name, str(seconds)]
        pipe = subprocess.PIPE
        processes.append(subprocess.Popen(argv, env=environment, stdin=pipe, stdout=pipe, text=True))
        return processes[-1]

    yield start_one
    for process in processes:
        process.kill()
        process.communicate()


def _database_url() -> str:
    found = connections["default"].settings_dict
    host, password = quote(found["HOST"], safe=""), quote(found["PASSWORD"], safe="")
    return f"postgres://{found['USER']}:{password}@{host}:{found['PORT']}/{found['NAME']}"
