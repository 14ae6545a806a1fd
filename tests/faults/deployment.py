"""A whole deployment on a home of its own, as `manage.py up` runs it: what it answers, and how its parts are killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from labsninja.embedded.cluster import DATABASE
from labsninja.embedded.lock import Lock
from labsninja.embedded.ports import pick_port
from labsninja.env import PROJECT_ROOT
from scim.protocol import urns
from tests.embedded.holders import children_of, wait_for

MEDIA_TYPE = "application/scim+json"
GIVEN = ("DATABASE_URL", "PLATFORM_DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "LABSNINJA_EMBEDDED_USER")
START_SECONDS, RETURN_SECONDS = 90.0, 30.0
# What must never be, whatever was killed: each question has 0 for its answer.
HALVES = {
    "a resource whose version has no change": """
        SELECT count(*) FROM scim_resource r WHERE NOT EXISTS (SELECT FROM scim_change c
            WHERE c.tenant_id = r.tenant_id AND c.resource_id = r.id AND c.version = r.version)""",
    "a change beyond its resource's version": """
        SELECT count(*) FROM scim_change c JOIN scim_resource r ON r.tenant_id = c.tenant_id AND r.id = c.resource_id
        WHERE c.version > r.version""",
    "a version without a change": """
        SELECT count(*) FROM (SELECT FROM scim_change GROUP BY tenant_id, resource_id
            HAVING max(version) <> count(*)) AS gaps""",
    "a change without an event": """
        SELECT count(*) FROM scim_change c WHERE NOT EXISTS (SELECT FROM audit_event e WHERE e.tenant_id = c.tenant_id
            AND e.request_id = c.request_id AND e.target_id = c.resource_id::text AND e.outcome = 'done')""",
    "an event without a change": """
        SELECT count(*) FROM audit_event e WHERE e.outcome = 'done' AND e.target_type IN ('User', 'Group')
            AND NOT EXISTS (SELECT FROM scim_change c WHERE c.tenant_id = e.tenant_id
            AND c.request_id = e.request_id AND c.resource_id::text = e.target_id)""",
    "a live user that no counter counts, or one too many": """
        SELECT (SELECT count(*) FROM scim_resource WHERE resource_type = 'User' AND deleted_at IS NULL)
             - (SELECT sum(live) FROM scim_counter WHERE resource_type = 'User')""",
}


@dataclass
class Tally:
    """What a load has got: answers by status, and the id and version of every acknowledged write."""

    statuses: list[int] = field(default_factory=list)
    refusals: list[httpx.Response] = field(default_factory=list)
    written: list[tuple[str, int]] = field(default_factory=list)
    broken: int = 0

    def note(self, answer: httpx.Response) -> bool:
        """Whether it was acknowledged."""
        self.statuses.append(answer.status_code)
        if not answer.is_success:
            self.refusals.append(answer)
            return False
        self.written.append((answer.json()["id"], int(answer.headers["ETag"].strip('W/"'))))
        return True


class Deployment:
    """One running deployment."""

    def __init__(self, home: Path, port: int, pid: int) -> None:
        self.home, self.pid = home, pid
        self.root = f"http://127.0.0.1:{port}"

    @property
    def headers(self) -> dict[str, str]:
        token = (self.home / "secrets" / "demo_token").read_text().strip()
        return {"Authorization": f"Bearer {token}", "Content-Type": MEDIA_TYPE}

    def connect(self) -> httpx.Client:
        """One connection with the demo's token."""
        return httpx.Client(base_url=self.root, headers=self.headers, timeout=20)

    def child(self, words: str) -> int:
        """The supervisor's child whose command line holds these words; 0 while there is none."""
        return next((pid for pid, command in children_of(self.pid).items() if words in command), 0)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.root}/readyz").is_success
        except httpx.TransportError:
            return False

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows over all tenants. Raises psycopg.OperationalError while the database is away."""
        state = Lock(self.home / "postgres.lock").read()
        assert state is not None
        password = (self.home / "secrets" / "ln_platform").read_text().strip()
        with psycopg.connect(
            host=state.host, port=state.port, user="ln_platform", password=password, dbname=DATABASE
        ) as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    def has_database(self) -> bool:
        try:
            return bool(self.query("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def find_halves(self) -> dict[str, int]:
        """What is there in part alone; empty when all is well."""
        counts = {name: int(self.query(question)[0][0] or 0) for name, question in HALVES.items()}
        return {name: count for name, count in counts.items() if count}

    def find_lost(self, written: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        """Acknowledged versions that have no change."""
        return set(written) - set(self.query("SELECT resource_id::text, version FROM scim_change"))


@contextmanager
def deployed(home: Path) -> Iterator[Deployment]:
    """`manage.py up` on `home`, ready; stopped when the block ends."""
    port = pick_port()
    given = {name: value for name, value in os.environ.items() if name not in GIVEN and "LABSNINJA_" not in name}
    env = {**given, "LABSNINJA_HOME": str(home), "PORT": str(port), "DEMO": "1"}
    output = home.with_suffix(".out")
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=PROJECT_ROOT, env=env, stdout=log, stderr=log
        )
        deployment = Deployment(home, port, process.pid)
        try:
            until = time.monotonic() + START_SECONDS
            while not deployment.is_ready():
                assert process.poll() is None, output.read_text()[-4000:]
                assert time.monotonic() < until, output.read_text()[-4000:]
                time.sleep(0.1)
            yield deployment
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def create_and_change(deployment: Deployment, names: Iterable[str], tally: Tally) -> None:
    """Two writes for each name. A connection that breaks leaves its write unacknowledged and is replaced."""
    client = deployment.connect()
    try:
        for name in names:
            try:
                created = client.post("/scim/v2/Users", content=user(name))
                if tally.note(created):
                    tally.note(client.patch(f"/scim/v2/Users/{created.json()['id']}", content=renamed(name)))
            except httpx.TransportError:
                tally.broken += 1
                client.close()
                wait_for(deployment.is_ready, seconds=RETURN_SECONDS)
                client = deployment.connect()
    finally:
        client.close()


def user(name: str) -> str:
    return json.dumps({"schemas": [urns.USER], "userName": f"{name}@faults.example.com"})


def renamed(name: str) -> str:
    return patch({"op": "replace", "path": "nickName", "value": name})


def patch(operation: dict[str, Any]) -> str:
    return json.dumps({"schemas": [urns.PATCH_OP], "Operations": [operation]})


@contextmanager
def in_threads(*works: Callable[[], None]) -> Iterator[None]:
    """The works run beside the block, which waits for them at its end; what one of them raises is raised there."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001  # it is raised below, in the thread of the test
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
