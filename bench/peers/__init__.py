"""Other SCIM servers in the same run, by the flag PEERS: each in an environment of its own below the bench's home.

What they leave out is told beside their figures: one that keeps everything in memory need not survive its end.
"""

import itertools
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson

from bench.load import measure, request_bytes
from bench.peers.kinds import PEERS, Peer
from bench.seeding import user_body
from bench.servers import free_port
from scim.protocol import urns

USERS: Final = 200
HEADERS: Final = {"Content-Type": "application/scim+json", "Authorization": "Bearer bench"}


def measure_peers(
    names: Sequence[str], home: Path, *, database: int, floor: float, seconds: float
) -> dict[str, dict[str, Any]]:
    """By peer its note, and by operation its share of D and its CPU-ms, PostgreSQL's included, whose first process
    is `database`.
    """
    return {name: _measure_peer(name, home / "peers" / name, database, floor, seconds) for name in names}


def _measure_peer(name: str, folder: Path, database: int, floor: float, seconds: float) -> dict[str, Any]:
    peer, port = PEERS[name], free_port()
    command = peer.install(folder, port)
    output = (folder / "output").open("wb")
    process = subprocess.Popen(
        command.argv, cwd=folder, env={**os.environ, **command.environment}, stdout=output, stderr=output
    )
    try:
        ids = [_post(name, peer, port, number) for number in range(1, USERS + 1)]
        found: dict[str, Any] = {"note": peer.note, "users": USERS, "operations": {}}
        for operation, make in _operations(peer, ids).items():
            cost = measure(port, make, (process.pid, database), seconds=seconds, connections=2)
            if cost.refused:
                raise RuntimeError(f"{name}, {operation}: {cost.refused} of {cost.requests} were refused")
            found["operations"][operation] = {"share": floor / cost.cpu, "server": cost.cpu}
            print(f"{name}, {operation}: {cost.cpu:.2f} CPU-ms", flush=True)
        return found
    finally:
        process.terminate()
        process.wait(20)


def _post(name: str, peer: Peer, port: int, number: int) -> str:
    """The id of a new user; the first waits for the server."""
    body = orjson.dumps(user_body(f"{number:07}"))
    for _attempt in range(100):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{peer.prefix}/Users", body, HEADERS)  # our own
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # as above
                return str(orjson.loads(answer.read())["id"])
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{name}: {error.code} {error.read()[:500]!r}") from error
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"{name} did not start")


def _operations(peer: Peer, ids: Sequence[str]) -> dict[str, Callable[[], bytes]]:
    turns = itertools.count(1)

    def ask(method: str, path: str, body: Any = None) -> bytes:
        return request_bytes(method, f"{peer.prefix}{path}", "bench", b"" if body is None else orjson.dumps(body))

    def somebody() -> str:
        return ids[next(turns) % len(ids)]

    def look_up() -> bytes:
        condition = f'userName eq "user{1 + next(turns) % USERS:07}@bench.example"'
        return ask("GET", f"/Users?filter={quote(condition)}")

    def patch() -> bytes:
        operation = {"op": "replace", "path": "active", "value": next(turns) % 2 == 0}
        return ask("PATCH", f"/Users/{somebody()}", {"schemas": [urns.PATCH_OP], "Operations": [operation]})

    return {
        "lookup `userName eq`": look_up,
        "GET user": lambda: ask("GET", f"/Users/{somebody()}"),
        "PATCH active": patch,
        "POST user": lambda: ask("POST", "/Users", user_body(f"9{next(turns):09}")),
    }
