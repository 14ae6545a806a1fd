"""The supervisor of `make run`, run as a process of its own and looked at from outside."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from labsninja.embedded.ports import pick_port
from labsninja.embedded.processes import is_alive, processes_with
from labsninja.env import PROJECT_ROOT
from tests.embedded.holders import Holder, children_of, wait_for

# Runs the table of children given as JSON; with "services" it provides them first and prints their URLs.
SUPERVISE = """
import json, sys
from labsninja.embedded import EmbeddedError, provide
from labsninja.embedded.children import Child
from labsninja.embedded.supervisor import Supervisor
order = json.loads(sys.argv[1])
try:
    services = provide() if order["services"] else None
    print(json.dumps(services.urls if services else {}), flush=True)
    children = [Child(**{"env": {"PATH": "/usr/bin:/bin"}, **row}) for row in order["children"]]
    sys.exit(Supervisor(children, services=services).run(lambda: print("READY", flush=True)))
except EmbeddedError as error:
    sys.exit(str(error))
"""
SLEEPER = ["/bin/sh", "-c", "echo begun; exec sleep 1000"]
WITH_OFFSPRING = ["/bin/sh", "-c", "sleep 1000 & echo begun; wait"]
STUBBORN = ["/bin/sh", "-c", "trap '' TERM; echo begun; while :; do sleep 0.1; done"]
WEB = "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))"


class Run:
    """A supervisor as a process; its output grows in `lines`."""

    def __init__(self, home: Path, *children: dict[str, Any], services: bool = False) -> None:
        self.home = home
        self.output = home.with_suffix(".out")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISE, json.dumps({"children": children, "services": services})],
                env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "LABSNINJA_HOME": str(home)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()

    @property
    def urls(self) -> dict[str, str]:
        urls: dict[str, str] = json.loads(self.lines[0])
        return urls

    def wait_for(self, pattern: str, *, times: int = 1, seconds: float = 20.0) -> None:
        """Wait until so many lines match."""
        wait_for(lambda: sum(bool(re.search(pattern, line)) for line in self.lines) >= times, seconds=seconds)

    def stop(self, number: int = signal.SIGINT) -> float:
        """Signal it and wait; the seconds that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - began


@pytest.fixture(name="supervise")
def _supervise(place: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def supervise(*children: dict[str, Any], home: Path | None = None, services: bool = False) -> Run:
        runs.append(Run(home or place / "home", *children, services=services))
        return runs[-1]

    yield supervise
    for run in runs:
        if run.process.poll() is None:
            run.stop()


def _marked(run: Run) -> list[int]:
    return processes_with("LABSNINJA_SUPERVISED_HOME", str(run.home))


def test_every_line_carries_the_name_of_its_child(supervise: Callable[..., Run]) -> None:
    run = supervise(
        {"name": "a", "argv": SLEEPER}, {"name": "worker", "argv": ["/bin/sh", "-c", "printf 'x\ny'; sleep 9"]}
    )
    run.wait_for("worker .* x")
    run.wait_for("begun")
    run.stop()
    assert {"a          | begun", "worker     | x", "worker     | y"} <= set(run.lines)


@pytest.mark.capability("embedded")
def test_dead_child_is_reported_and_restarted_later_each_time(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "w", "argv": ["/bin/sh", "-c", "exit 3"]}, {"name": "ok", "argv": SLEEPER})
    run.wait_for(r"w ended \(exit status 3\)\. Starting again in 0\.5 s\.")
    run.wait_for(r"w ended \(exit status 3\)\. Starting again in 1 s\.")
    run.wait_for(r"w ended \(exit status 3\)\. Starting again in 2 s\.")
    assert sum("begun" in line for line in run.lines) == 1


def test_program_that_does_not_exist_is_reported_and_tried_again(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "w", "argv": ["/no/such"]})
    run.wait_for("may not run /no/such")
    run.wait_for("Starting again in 1 s")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_ends_everything_and_exits_with_0(supervise: Callable[..., Run], number: int) -> None:
    run = supervise({"name": "a", "argv": WITH_OFFSPRING}, {"name": "b", "argv": SLEEPER})
    run.wait_for("begun", times=2)
    processes = _marked(run)
    assert len(processes) == 3
    assert run.stop(number) < 5
    assert run.process.returncode == 0
    assert not [pid for pid in processes if is_alive(pid)]


def test_lower_stages_stop_first(supervise: Callable[..., Run]) -> None:
    farewell = "trap 'sleep 0.3; echo ended; exit' TERM; echo begun; while :; do sleep 0.05; done"
    last = {"name": "last", "argv": ["/bin/sh", "-c", farewell], "stage": 1}
    first = {"name": "first", "argv": ["/bin/sh", "-c", farewell], "stage": 0}
    run = supervise(last, first)
    run.wait_for("begun", times=2)
    run.stop()
    assert [line.split()[0] for line in run.lines if line.endswith("ended")] == ["first", "last"]


def test_child_that_does_not_stop_is_killed_within_ten_seconds(supervise: Callable[..., Run]) -> None:
    run = supervise(*({"name": f"s{at}", "argv": STUBBORN, "stage": at, "grace": 20} for at in range(2)))
    run.wait_for("begun", times=2)
    assert 5 < run.stop() < 10
    assert not _marked(run)
    assert any("s0 did not stop in time and is killed" in line for line in run.lines)


def test_second_interrupt_hurries(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "s", "argv": STUBBORN})
    run.wait_for("begun")
    run.process.send_signal(signal.SIGINT)
    run.wait_for("stopping")
    assert run.stop() < 2
    assert not _marked(run)


def test_killed_supervisor_takes_its_children_along(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "a", "argv": SLEEPER})
    run.wait_for("begun")
    run.stop(signal.SIGKILL)
    wait_for(lambda: not _marked(run))


def test_next_start_removes_what_outlived_a_killed_supervisor(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "a", "argv": ["/bin/sh", "-c", "setsid sleep 1000 & echo begun; wait"]})
    run.wait_for("begun")
    wait_for(lambda: len(_marked(run)) == 2)
    run.stop(signal.SIGKILL)
    wait_for(lambda: len(_marked(run)) == 1)
    (survivor,) = _marked(run)
    supervise({"name": "a", "argv": SLEEPER}).wait_for("begun")
    assert not is_alive(survivor)


def test_dead_child_leaves_no_offspring_behind(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "a", "argv": ["/bin/sh", "-c", "sleep 1000 & echo $!; sleep 0.2; exit 1"]})
    run.wait_for("a ended")
    offspring = next(int(line.split()[-1]) for line in run.lines if re.fullmatch(r"a +\| \d+", line))
    wait_for(lambda: not is_alive(offspring))


def test_second_supervisor_of_a_home_is_refused_and_names_the_first(supervise: Callable[..., Run], place: Path) -> None:
    run = supervise({"name": "a", "argv": SLEEPER})
    run.wait_for("begun")
    (place / "other").symlink_to(run.home)
    second = supervise({"name": "a", "argv": SLEEPER}, home=place / "other")
    assert second.process.wait(10) == 1
    assert second.lines[-1].startswith(f"LabsNinja already runs on {run.home} (process {run.process.pid})")
    assert run.process.poll() is None


def test_busy_port_is_named_before_any_child_starts(supervise: Callable[..., Run]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = supervise({"name": "a", "argv": SLEEPER, "address": ["127.0.0.1", port]})
        assert run.process.wait(10) == 1
    assert run.lines[1:] == [f"Port {port} on 127.0.0.1 is in use; set PORT to a free one."]


def test_ready_is_called_once_when_the_address_answers(supervise: Callable[..., Run]) -> None:
    port = pick_port()
    code = f"import socket, sys, time; print('begun', flush=True); time.sleep(0.5); {WEB}; time.sleep(1000)"
    run = supervise({"name": "web", "argv": [sys.executable, "-c", code, str(port)], "address": ["127.0.0.1", port]})
    run.wait_for("begun")
    assert "READY" not in run.lines
    run.wait_for("READY")
    run.stop()
    assert run.lines.count("READY") == 1


def test_child_gets_its_own_environment_alone(supervise: Callable[..., Run]) -> None:
    run = supervise({"name": "a", "argv": ["/usr/bin/env"], "env": {"ONLY": "this"}})
    run.wait_for("a ended")
    names = {line.split("| ")[1].partition("=")[0] for line in run.lines if line.startswith("a ") and "=" in line}
    assert names - {"LC_CTYPE"} == {"ONLY", "PYTHONUNBUFFERED", "LABSNINJA_SUPERVISED_HOME"}


def test_killed_services_are_started_again_at_the_same_place(supervise: Callable[..., Run], home: Path) -> None:
    run = supervise({"name": "a", "argv": SLEEPER}, home=home, services=True)
    run.wait_for("begun")
    for pid, command in children_of(run.process.pid).items():
        if "sleep" not in command:
            os.kill(pid, signal.SIGKILL)
    run.wait_for(r"PostgreSQL ended \(killed by SIGKILL\)")
    run.wait_for(r"Redis ended \(killed by SIGKILL\)")
    run.wait_for("answers again", times=2)
    with psycopg.connect(run.urls["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    processes = list(children_of(run.process.pid))
    assert run.stop() < 10
    assert len(processes) == 3
    assert not [pid for pid in processes if is_alive(pid)]


def test_services_of_a_process_that_ends_are_taken_over(
    supervise: Callable[..., Run], home: Path, hold: Callable[..., Holder]
) -> None:
    shell = hold(home)
    assert shell.said["started"]
    run = supervise({"name": "a", "argv": SLEEPER}, home=home, services=True)
    run.wait_for("begun")
    shell.finish()
    run.wait_for("PostgreSQL was run by another process, which has ended. Starting it here")
    run.wait_for("Redis was run by another process")
    wait_for(lambda: len(children_of(run.process.pid)) == 3)
    with psycopg.connect(run.urls["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
