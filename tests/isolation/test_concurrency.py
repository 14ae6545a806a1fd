"""Two tenants at once, from threads and processes of one deployment: no row lands in the other, and none is lost."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connections

from labsninja.kernel.isolation import NoTenantBoundError, cross_tenant, current_tenant, tenant_context, tenant_scope
from scim.store.pipeline import pipelined_scope
from tests.isolation.directory import PEOPLE, populate

WRITER = Path(__file__).parent / "writer.py"
PROCESSES, THREADS_EACH, ROWS_EACH = 2, 4, 250
WRITES = PROCESSES * THREADS_EACH * ROWS_EACH
TURNS, THREADS = 2_000, 8
SCOPES = (tenant_scope, pipelined_scope)
# Across all tenants, as the platform role sees them.
WRITTEN = """
SELECT r.tenant_id, r.document, c.tenant_id, c.after, r.user_name, c.request_id
FROM scim_resource r FULL JOIN scim_change c ON c.resource_id = r.id
WHERE r.tenant_id = ANY(%(tenants)s) OR r.document = ANY(%(texts)s)
   OR c.tenant_id = ANY(%(tenants)s) OR c.after = ANY(%(texts)s)
"""
SETTING = "SELECT coalesce(current_setting('app.tenant_id', true), '')"
EVERYTHING = "SELECT tenant_id FROM scim_resource"


def _database_url() -> str:
    found = connections["default"].settings_dict
    host, password = quote(found["HOST"], safe=""), quote(found["PASSWORD"], safe="")
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgres://{found['USER']}:{password}@{host}{port}/{found['NAME']}"


@pytest.fixture(name="tenants")
def _tenants(make_tenant: Callable[[], UUID]) -> tuple[UUID, UUID]:
    return make_tenant(), make_tenant()


@pytest.fixture(name="writers")
def _writers(tenants: tuple[UUID, UUID]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that wait for a line, each with as many threads for the one tenant as for the other."""
    environment = {**os.environ, "DATABASE_URL": _database_url()}
    named = [str(tenants[number % 2]) for number in range(THREADS_EACH)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(
            [sys.executable, str(WRITER), f"w{number}", str(ROWS_EACH), *named],
            env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def _written(tenants: tuple[UUID, UUID]) -> list[tuple[Any, ...]]:
    with cross_tenant(reason="a test looks at all rows"), connections["platform"].cursor() as cursor:
        cursor.execute(WRITTEN, {"tenants": list(tenants), "texts": [str(tenant_id) for tenant_id in tenants]})
        return list(cursor.fetchall())


def test_rows_written_at_once_for_two_tenants_stay_apart_and_complete(
    tenants: tuple[UUID, UUID], writers: list[subprocess.Popen[str]]
) -> None:
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [""] * PROCESSES
    rows = _written(tenants)
    assert [row for row in rows if not str(row[0]) == row[1] == str(row[2]) == row[3] or row[4] != row[5]] == []
    names = [f"w{p}-{t}-{n}" for p in range(PROCESSES) for t in range(THREADS_EACH) for n in range(ROWS_EACH)]
    assert sorted(row[4] for row in rows) == sorted(names)
    assert Counter(row[0] for row in rows) == dict.fromkeys(tenants, WRITES // 2)
    print(f"{len(rows)} writes by {PROCESSES * THREADS_EACH} writers, none astray, none lost")  # noqa: T201  # for the record


def _take_turn(tenant_id: UUID, scope: Callable[[], Any]) -> list[Any]:
    """What is wrong with what a thread sees of its tenant, or with what is left in its connection afterwards."""
    with tenant_context(tenant_id), scope() as opened:
        found = opened.execute(EVERYTHING, None).fetchall()
    with connections["default"].cursor() as cursor:
        cursor.execute(SETTING)
        left = cursor.fetchone()
    with pytest.raises(NoTenantBoundError):
        current_tenant()
    return [seen for seen in (found, left) if seen not in ([(tenant_id,)] * PEOPLE, ("",))]


def test_threads_that_alternate_between_tenants_see_no_wrong_row(tenants: tuple[UUID, UUID]) -> None:
    for tenant_id in tenants:
        with tenant_context(tenant_id):
            populate()
    together = Barrier(THREADS)

    def alternate(_thread: int) -> list[Any]:
        together.wait()
        try:
            turns = [(tenants[number % 2], SCOPES[number // 2 % 2]) for number in range(TURNS // THREADS)]
            return [wrong for tenant_id, scope in turns for wrong in _take_turn(tenant_id, scope)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        wrong = [seen for thread in pool.map(alternate, range(THREADS)) for seen in thread]
    assert wrong == []
    print(f"{TURNS} turns in {THREADS} threads, no wrong row")  # noqa: T201  # as above
