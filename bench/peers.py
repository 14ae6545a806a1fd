"""Other SCIM servers in the same run, by the flag PEERS: each in an environment of its own below the bench's home.

What they leave out is told beside their figures: one that keeps everything in memory need not survive its end.
"""

import itertools
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson

from bench.load import measure, request_bytes
from bench.seeding import user_body
from bench.servers import free_port
from scim.protocol import urns

USERS: Final = 200


@dataclass(frozen=True)
class Peer:
    """`packages` come from PyPI; `argv` begins with the name of a script of theirs, `{port}` is filled in."""

    packages: Sequence[str]
    argv: Sequence[str]
    prefix: str
    note: str


PEERS: Final = {
    "scim2-server": Peer(
        ("scim2-server",),
        ("scim2-server", "--port", "{port}", "--bearer-token", "bench"),
        "",
        "in memory: nothing survives its end; one tenant, no history, no log; on werkzeug's server for development",
    ),
}


def measure_peers(names: Sequence[str], home: Path, *, floor: float, seconds: float) -> dict[str, Any]:
    """By peer its note, and by operation its share of D and its CPU-ms, the server's and its own database's."""
    return {name: _measure_peer(PEERS[name], home / "peers" / name, floor, seconds) for name in names}


def _measure_peer(peer: Peer, folder: Path, floor: float, seconds: float) -> dict[str, Any]:
    port = free_port()
    process = subprocess.Popen(
        _install(peer, folder, port), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        ids = _seed(peer, port)
        found: dict[str, Any] = {"note": peer.note, "users": USERS, "operations": {}}
        for name, make in _operations(peer, ids).items():
            cost = measure(port, make, (process.pid, process.pid), seconds=seconds, connections=2)
            if cost.refused:
                raise RuntimeError(f"{name}: {cost.refused} of {cost.requests} were refused")
            found["operations"][name] = {"share": floor / cost.server, "server": cost.server}
        return found
    finally:
        process.terminate()
        process.wait(20)


def _install(peer: Peer, folder: Path, port: int) -> list[str]:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *peer.packages], check=True)
    script, *arguments = peer.argv
    return [str(folder / "bin" / script), *(argument.format(port=port) for argument in arguments)]


def _seed(peer: Peer, port: int) -> list[str]:
    return [_post(peer, port, number) for number in range(1, USERS + 1)]


def _post(peer: Peer, port: int, number: int) -> str:
    """The id of a new user; the first waits for the server."""
    headers = {"Content-Type": "application/scim+json", "Authorization": "Bearer bench"}
    body = orjson.dumps(user_body(f"{number:07}"))
    for _attempt in range(100):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{peer.prefix}/Users", body, headers)  # our own
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # as above
                return str(orjson.loads(answer.read())["id"])
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"{peer.argv[0]} did not start")


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
