"""One instance per home: the first process starts it, the others attach."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from labsninja.embedded import EmbeddedError, Services, services
from tests.embedded.holders import Holder, children_of

# A run in the background of a shell hands down SIGINT as ignored.
PROVIDE = """
import json, os, signal, sys
from pathlib import Path
from labsninja.embedded import provide
signal.signal(signal.SIGINT, signal.default_int_handler)
found = provide(Path(sys.argv[1]))
names = ["DATABASE_URL", "PLATFORM_DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"]
same = provide(Path(sys.argv[1])) is found
print(json.dumps({"urls": {n: os.environ.get(n) for n in names}, "started": found.started, "same": same}), flush=True)
sys.stdin.read()
"""
FORK = """
child = os.fork()
if child:
    print(os.waitpid(child, 0)[1], found.servers[0].process.poll(), flush=True)
"""
Hold = Callable[..., Holder]


def _select_one(url: str) -> tuple[int] | None:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1").fetchone()


def test_second_process_attaches_and_leaves_the_instance_running(running: Services, hold: Hold) -> None:
    second = hold(running.home)
    said = second.said
    second.finish()
    assert said == {"urls": running.urls, "started": False}
    assert _select_one(running.urls["DATABASE_URL"]) == (1,)


def test_two_processes_that_start_at_once_agree(place: Path, hold: Hold) -> None:
    said = [holder.said for holder in [hold(place / "home") for _ in range(3)]]
    assert sorted(one["started"] for one in said) == [False, False, True]
    assert said[0]["urls"] == said[1]["urls"] == said[2]["urls"]


def test_starter_takes_the_services_with_it(home: Path, hold: Hold) -> None:
    starter = hold(home)
    url = starter.said["urls"]["DATABASE_URL"]
    children = children_of(starter.process.pid)
    assert len(children) == 2
    starter.finish()
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    with pytest.raises(psycopg.OperationalError):
        _select_one(url)


def test_attaching_with_another_version_is_refused(running: Services) -> None:
    with (
        pytest.raises(EmbeddedError, match=f"Process {os.getpid()} runs PostgreSQL 18 .* not 16"),
        services(running.home, 16),
    ):
        pass


def test_provide_puts_all_urls_into_the_environment_once(running: Services, hold: Hold) -> None:
    said = hold(running.home, code=PROVIDE).said
    assert said == {"urls": running.urls, "started": False, "same": True}


def test_provide_keeps_what_is_given_and_starts_only_the_rest(home: Path, hold: Hold) -> None:
    holder = hold(home, code=PROVIDE, env={"DATABASE_URL": "postgresql://given"})
    urls = holder.said["urls"]
    assert (urls["DATABASE_URL"], urls["OWNER_DATABASE_URL"]) == ("postgresql://given", None)
    assert urls["REDIS_URL"].startswith("redis://")
    assert ["redis-server" in command for command in children_of(holder.process.pid).values()] == [True]


def test_provide_touches_nothing_when_both_are_given(place: Path, hold: Hold) -> None:
    env = {"DATABASE_URL": "postgresql://given", "REDIS_URL": "redis://given"}
    assert hold(place / "home", code=PROVIDE, env=env).said["started"] is False
    assert not (place / "home").exists()


def test_forked_child_of_the_starter_does_not_stop_the_services(home: Path, hold: Hold) -> None:
    starter = hold(home, code=PROVIDE + FORK)
    assert starter.said["started"]
    assert starter.process.stdin
    assert starter.process.stdout
    starter.process.stdin.close()
    assert starter.process.stdout.readline() == "0 None\n"


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_provided_services_end_with_the_process(home: Path, hold: Hold, ended_by: int) -> None:
    starter = hold(home, code=PROVIDE)
    assert starter.said["started"]
    children = children_of(starter.process.pid)
    starter.process.send_signal(ended_by)
    starter.process.wait(10)
    assert len(children) == 2
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
