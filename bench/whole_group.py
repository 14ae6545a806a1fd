"""What a GET of a group with all its members takes of a web worker's memory, and what of it stays."""

import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.home import Customer
from bench.load import NOT_DONE, family, held_memory, peak_memory, receive, request_bytes
from bench.seeding import group_id

TIMES: Final = 4
TO_SETTLE: Final = 0.3  # seconds after the answer


@dataclass(frozen=True)
class Taken:
    """In MiB, the most of several times: the size of the answer, what it added at its peak, and what stayed."""

    answer: float
    added: float
    stayed: float


def measure_whole_group(pid: int, port: int, customer: Customer, size: int) -> Taken:
    """The group of that size, over one connection, so from one worker, which knows the statements already."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        _get(connection, customer, 10)
        taken = [_take(pid, connection, customer, size) for _ in range(TIMES)]
    return Taken(*(max(column) for column in zip(*taken, strict=True)))


def _take(pid: int, connection: socket.socket, customer: Customer, size: int) -> tuple[float, float, float]:
    workers = family(pid)
    before = {worker: held_memory(worker) for worker in workers}
    for worker in workers:
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # its peak begins anew
    answer = _get(connection, customer, size)
    time.sleep(TO_SETTLE)
    added = max(peak_memory(worker) - before[worker] for worker in workers)
    return answer / 2**20, added, max(held_memory(worker) - before[worker] for worker in workers)


def _get(connection: socket.socket, customer: Customer, size: int) -> int:
    """The bytes of the answer."""
    connection.sendall(request_bytes("GET", f"/scim/v2/Groups/{group_id(size)}", customer.token))
    status, _head, body = receive(connection)
    if status >= NOT_DONE:
        raise RuntimeError(f"group of {size}: {status} {body[:500]!r}")
    return len(body)
