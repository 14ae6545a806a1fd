"""What many connections at once, and kill -9 of each process, do to a deployment: no acknowledged write is lost."""

import json
import os
import signal
import time
from functools import partial
from threading import Barrier, Event

from scim.protocol import urns
from tests.embedded.holders import wait_for
from tests.faults.deployment import RETURN_SECONDS, Deployment, Tally, create_and_change, in_threads, patch, user

WEB, REDIS = "granian", "redis-server"
CONNECTIONS, WRITES, THREADS = 100, 1_000, 4
PROMISED_SECONDS = 5.0


def _names(prefix: str, writes: int) -> list[list[str]]:
    """For each thread the names that make so many writes, two a name."""
    names = [f"{prefix}{number}" for number in range(writes // 2)]
    return [names[start::THREADS] for start in range(THREADS)]


def test_parallel_patches_of_one_group_lose_no_member_and_no_version(deployment: Deployment) -> None:
    with deployment.connect() as client:
        created = [client.post("/scim/v2/Users", content=user(f"member{number}")) for number in range(CONNECTIONS)]
        ids = [answer.json()["id"] for answer in created]
        group = client.post("/scim/v2/Groups", content=json.dumps({"schemas": [urns.GROUP], "displayName": "crowd"}))
        path, barrier, versions = f"/scim/v2/Groups/{group.json()['id']}", Barrier(CONNECTIONS), list[str]()

        def add(member: str) -> None:
            with deployment.connect() as own:
                barrier.wait(30)
                answer = own.patch(path, content=patch({"op": "add", "path": "members", "value": [{"value": member}]}))
                assert answer.status_code == 204, answer.text
                versions.append(answer.headers["ETag"])

        with in_threads(*(partial(add, member) for member in ids)):
            pass
        found = client.get(path)
    assert sorted(member["value"] for member in found.json()["members"]) == sorted(ids)
    assert sorted(versions) == sorted(f'W/"{number}"' for number in range(2, CONNECTIONS + 2))
    assert found.headers["ETag"] == f'W/"{CONNECTIONS + 1}"'
    assert deployment.find_halves() == {}


def _kill_web_after(deployment: Deployment, tally: Tally, least: int) -> None:
    """Kill the server with its workers once so many writes are acknowledged; returns when the next one is started."""
    wait_for(lambda: len(tally.written) >= least, seconds=RETURN_SECONDS)
    before = deployment.child(WEB)
    os.killpg(before, signal.SIGKILL)
    wait_for(lambda: deployment.child(WEB) not in {0, before}, seconds=RETURN_SECONDS)


def test_killed_web_server_loses_no_acknowledged_write_and_leaves_nothing_half(deployment: Deployment) -> None:
    tally = Tally()
    with in_threads(*(partial(create_and_change, deployment, names, tally) for names in _names("web", WRITES))):
        for least in (WRITES // 4, WRITES // 2):
            _kill_web_after(deployment, tally, least)
    assert tally.broken > 0
    assert [answer.text for answer in tally.refusals] == []
    assert len(tally.written) >= WRITES - 2 * tally.broken
    assert deployment.find_lost(tally.written) == set()
    assert deployment.find_halves() == {}


def test_killed_database_is_a_503_until_it_is_back_and_loses_no_acknowledged_write(deployment: Deployment) -> None:
    tally, back, web = Tally(), Event(), deployment.child(WEB)
    outage: list[float] = []

    def write(prefix: str) -> None:
        number, until = 0, time.monotonic() + RETURN_SECONDS + PROMISED_SECONDS
        with deployment.connect() as client:
            while time.monotonic() < until and not (back.is_set() and tally.statuses[-1] == 201):
                tally.note(client.post("/scim/v2/Users", content=user(f"{prefix}{number}")))
                number += 1
                time.sleep(0.01)

    with in_threads(*(partial(write, f"database{thread}x") for thread in range(THREADS))):
        wait_for(lambda: len(tally.written) >= 50, seconds=RETURN_SECONDS)
        os.kill(int((deployment.home / "postgres/data/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        wait_for(lambda: 503 in tally.statuses, seconds=RETURN_SECONDS)
        wait_for(deployment.has_database, seconds=RETURN_SECONDS)
        returned, known = time.monotonic(), len(tally.written)
        wait_for(lambda: len(tally.written) > known, seconds=PROMISED_SECONDS)
        outage.append(time.monotonic() - returned)
        back.set()
    assert outage[0] < PROMISED_SECONDS
    assert set(tally.statuses) == {201, 503}
    for refusal in tally.refusals:
        assert refusal.headers["Content-Type"].startswith("application/scim+json")
        assert (refusal.json()["status"], int(refusal.headers["Retry-After"]) > 0) == ("503", True)
    assert deployment.child(WEB) == web
    assert deployment.find_lost(tally.written) == set()
    assert deployment.find_halves() == {}


def test_killed_redis_costs_no_scim_request(deployment: Deployment) -> None:
    tally, before = Tally(), deployment.child(REDIS)
    with in_threads(*(partial(create_and_change, deployment, names, tally) for names in _names("redis", 400))):
        wait_for(lambda: len(tally.written) >= 100, seconds=RETURN_SECONDS)
        os.kill(before, signal.SIGKILL)
    assert (len(tally.written), tally.refusals, tally.broken) == (400, [], 0)
    wait_for(lambda: deployment.child(REDIS) not in {0, before}, seconds=RETURN_SECONDS)
    assert deployment.find_halves() == {}
