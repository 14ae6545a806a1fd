"""kill -9 between a change and its event, and at any other moment: there is never the one without the other."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connections

from tests.completeness.watching import looking
from tests.embedded.holders import wait_for
from tests.faults.deployment import HALVES

VICTIM = Path(__file__).parent / "victim.py"
# The questions of a whole deployment, asked of one tenant: each table is named as its own rows alone.
OF_TENANT = "WITH " + ", ".join(
    f"{table} AS (SELECT * FROM public.{table} WHERE tenant_id = %(tenant)s)"
    for table in ("scim_resource", "scim_change", "scim_counter", "audit_event")
)
COUNT = """
SELECT count(*), count(*) FILTER (WHERE user_name LIKE 'between%%') FROM scim_resource WHERE tenant_id = %(tenant)s
"""
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %(name)s"


def _ask(question: str, **named: object) -> tuple[int, ...]:
    with looking() as raw:
        return raw.execute(question.encode(), named).fetchone() or ()


@contextmanager
def _victim(tenant_id: UUID) -> Iterator[Callable[[str], str]]:
    """Sends a line to a process that forks its children, and gives the line that it answers."""
    found = connections["default"].settings_dict
    host, password = quote(found["HOST"], safe=""), quote(found["PASSWORD"], safe="")
    port = f":{found['PORT']}" if found["PORT"] else ""
    url = f"postgres://{found['USER']}:{password}@{host}{port}/{found['NAME']}"
    environment = {**os.environ, "DATABASE_URL": url, "PGAPPNAME": f"victim {tenant_id}"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, str(VICTIM), str(tenant_id)], env=environment, stdin=pipe, stdout=pipe, text=True
    ) as process:
        sent, got = process.stdin, process.stdout
        assert sent is not None
        assert got is not None

        def talk(line: str) -> str:
            if line:
                sent.write(f"{line}\n")
                sent.flush()
            return got.readline().strip()

        try:
            yield talk
        finally:
            process.kill()


def _find_halves(tenant_id: UUID) -> dict[str, int]:
    counts = {name: _ask(f"{OF_TENANT} {question}", tenant=tenant_id)[0] for name, question in HALVES.items()}
    return {name: count for name, count in counts.items() if count}


def _kill(tenant_id: UUID, times: int) -> None:
    """Kill so many times, by turns between change and event and at a random moment; nothing is half then."""
    draw, stuck, written = random.Random(times), 0, 0
    with _victim(tenant_id) as talk:
        for number in range(times):
            before = _ask(COUNT, tenant=tenant_id)[0]

            def has_written(least: int = before) -> bool:
                return _ask(COUNT, tenant=tenant_id)[0] > least

            child = int(talk("between" if number % 2 == 0 else "random"))
            if number % 2 == 0:
                assert talk("") == "between"
                stuck += 1
            wait_for(has_written, seconds=30)
            time.sleep(draw.uniform(0, 0.1))
            assert _ask(OPEN, name=f"victim {tenant_id}") > (0,)
            os.kill(child, signal.SIGKILL)
            wait_for(lambda: _ask(OPEN, name=f"victim {tenant_id}") == (0,), seconds=30)
            assert _find_halves(tenant_id) == {}
            written, between = _ask(COUNT, tenant=tenant_id)
            assert (between, written > before) == (0, True)
    print(f"{times} kills, {stuck} between change and event, {written} users written, nothing half")  # noqa: T201  # for the record


@pytest.mark.capability("audit")
def test_killed_writer_leaves_no_change_without_event_and_no_event_without_change(tenant: UUID) -> None:
    _kill(tenant, 6)


@pytest.mark.long
def test_fifty_kills_leave_nothing_half(tenant: UUID) -> None:
    _kill(tenant, 50)
