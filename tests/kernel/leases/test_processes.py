"""Leases among real processes that are killed, stopped and continued."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

KILLS = 20
CONTENDERS = 8
Start = Callable[..., Any]


def _ask(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _await(question: Callable[[], Any], *, seconds: float = 20) -> Any:
    until = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < until, "it never came to pass"
        time.sleep(0.005)
    return answer


def _newest_writer() -> int:
    rows = _ask("SELECT owner FROM lease_effect ORDER BY step DESC LIMIT 1")
    return int(rows[0][0]) if rows else 0


def _assert_every_step_once() -> int:
    steps = [row[0] for row in _ask("SELECT step FROM lease_effect ORDER BY step")]
    assert steps == list(range(1, len(steps) + 1))
    assert _ask("SELECT FROM lease_effect a JOIN lease_effect b ON a.step < b.step AND a.fence > b.fence") == []
    return len(steps)


def test_killed_holders_lose_no_step_and_double_none(start: Start) -> None:
    contenders = {process.pid: process for process in (start("work", seconds=0.2) for _ in range(3))}
    killed: set[int] = set()
    for _ in range(KILLS):
        victim = _await(lambda: pid if (pid := _newest_writer()) not in {0, *killed} else 0)
        os.kill(victim, signal.SIGKILL)
        contenders.pop(victim).wait()
        killed.add(victim)
        replacement = start("work", seconds=0.2)
        contenders[replacement.pid] = replacement
    _await(lambda: _newest_writer() not in killed)
    assert len(killed) == KILLS
    assert _assert_every_step_once() >= KILLS


def test_contenders_never_overlap(start: Start) -> None:
    for _ in range(CONTENDERS):
        start("work", seconds=0.5)
    _await(lambda: _ask("SELECT count(DISTINCT owner) FROM lease_effect")[0][0] == CONTENDERS, seconds=60)
    overlaps = _ask("""
        SELECT FROM lease_effect a JOIN lease_effect b
        ON a.fence < b.fence AND tstzrange(a.entered, a.finished) && tstzrange(b.entered, b.finished)
    """)
    assert overlaps == []
    assert _assert_every_step_once() >= CONTENDERS


def test_zombie_that_wakes_after_its_lease_writes_nothing(start: Start) -> None:
    zombie = start("wait", seconds=0.3)
    assert zombie.stdout.readline() == "ready\n"
    os.kill(zombie.pid, signal.SIGSTOP)
    successor = start("work", seconds=5)
    _await(lambda: _newest_writer() == successor.pid)
    zombie.stdin.write("go\n")
    zombie.stdin.flush()
    os.kill(zombie.pid, signal.SIGCONT)
    assert zombie.stdout.readline() == "lost\n"
    assert _ask(f"SELECT count(*) FROM lease_effect WHERE owner = '{zombie.pid}'") == [(1,)]
    _assert_every_step_once()


def test_holder_that_was_not_stopped_writes_its_next_step(start: Start) -> None:
    """The control of the zombie: the same process with a lease that lasts."""
    holder = start("wait", seconds=30)
    assert holder.stdout.readline() == "ready\n"
    holder.stdin.write("go\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "written\n"
    assert _assert_every_step_once() == 2


def test_holder_stopped_inside_its_transaction_is_waited_for(start: Start) -> None:
    stopped = start("stop", seconds=0.3)
    assert stopped.stdout.readline() == "ready\n"
    os.waitid(os.P_PID, stopped.pid, os.WSTOPPED)
    successor = start("work", seconds=5)
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO kernel_lease%'"
    _await(lambda: _ask(waiting))
    time.sleep(0.5)
    assert _ask("SELECT FROM lease_effect") == []
    os.kill(stopped.pid, signal.SIGCONT)
    assert stopped.stdout.readline() == "written\n"
    _await(lambda: _newest_writer() == successor.pid)
    _assert_every_step_once()
