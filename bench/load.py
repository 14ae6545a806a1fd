"""Sends requests over keep-alive connections and watches what they cost: CPU, waits, memory.

The generator is Python on raw sockets. It limits rates, and so rates are no result here: CPU of the server and of
PostgreSQL per request is.
"""

import os
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TICKS = os.sysconf("SC_CLK_TCK")
NOT_DONE: Final = 300  # statuses from here on are redirects and errors
Make = Callable[[], bytes]


@dataclass
class Cost:
    """What a run of one operation took. CPU in milliseconds a request, waits in milliseconds."""

    requests: int = 0
    server: float = 0.0
    database: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def cpu(self) -> float:
        return self.server + self.database

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def request_bytes(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """One HTTP/1.1 request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/scim+json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def measure(port: int, make: Make, pids: tuple[int, int], *, seconds: float, connections: int) -> Cost:
    """Load for so long; `pids` are the first processes of server and PostgreSQL."""
    _run(port, make, Cost(), seconds / 4, connections)
    before = [cpu_ticks(pid) for pid in pids]
    cost = Cost()
    _run(port, make, cost, seconds, connections)
    cost.requests = len(cost.waits)
    used = [cpu_ticks(pid) - earlier for pid, earlier in zip(pids, before, strict=True)]
    cost.server, cost.database = (1000 * one / TICKS / max(cost.requests, 1) for one in used)
    return cost


def peak_memory(pid: int) -> float:
    """The most that one process of the family ever held, in MiB."""
    return max(_memory(one, "VmHWM") for one in family(pid)) / 1024


def held_memory(pid: int) -> float:
    """What the largest process of the family holds now, in MiB."""
    return max(_memory(one, "VmRSS") for one in family(pid)) / 1024


def family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for one in found:
        found += _children(one)
    return found


def parent_of(pid: int) -> int:
    """The process that started it."""
    return int(_stat(pid)[1])


def _run(port: int, make: Make, cost: Cost, seconds: float, connections: int) -> None:
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(connections) as threads:
        driven = [threads.submit(_drive, port, make, cost, until) for _ in range(connections)]
    for one in driven:
        one.result()


def _drive(port: int, make: Make, cost: Cost, until: float) -> None:
    connection = _connect(port)
    while time.monotonic() < until:
        started = time.perf_counter()
        connection.sendall(make())
        status, head, _body = receive(connection)
        cost.waits.append(1000 * (time.perf_counter() - started))
        if status >= NOT_DONE:
            cost.refused += 1
        if head.startswith(b"http/1.0") or b"\r\nconnection: close" in head:  # some peers keep none alive
            connection.close()
            connection = _connect(port)
    connection.close()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection: socket.socket) -> tuple[int, bytes, bytes]:
    """Status, head in lower case and body of the next answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, first = data.partition(b"\r\n\r\n")
    head = head.lower()
    lines = head.split(b"\r\n")
    if any(line.startswith(b"transfer-encoding") for line in lines):
        raise RuntimeError("an answer came in chunks")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    parts, left = [first], length - len(first)
    while left > 0:
        parts.append(_some(connection))
        left -= len(parts[-1])
    return int(lines[0].split()[1]), head, b"".join(parts)


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(262_144)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def cpu_ticks(pid: int) -> int:
    """Ticks of the process, all below it, and those that have ended."""
    return sum(sum(map(int, fields[11:15] if one == pid else fields[11:13])) for one, fields in _stats(family(pid)))


def backend_ticks(postmaster: int) -> int:
    """Ticks of the processes that serve connections, as long as these last."""
    serving = [pid for pid in family(postmaster) if b" ln_app " in _title(pid)]
    return sum(sum(map(int, fields[11:13])) for _pid, fields in _stats(serving))


def _title(pid: int) -> bytes:
    """`postgres: role database address state`, or what a background process is."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _stats(pids: Iterable[int]) -> list[tuple[int, list[str]]]:
    return [(pid, fields) for pid in pids if (fields := _stat(pid))]


def _stat(pid: int) -> list[str]:
    """The fields after the name: state, parent, ..."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _children(pid: int) -> list[int]:
    try:
        tasks = [task.read_text().split() for task in Path(f"/proc/{pid}/task").glob("*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for task in tasks for child in task]


def _memory(pid: int, what: str) -> int:
    """In KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(what)), 0)
