"""The first sync of a new tenant: users with a look-up before each creation, then groups with members by PATCH.

usage: make bench-import [USERS=100000] [GROUPS=1000]

Over HTTP, as an identity provider does it, on four connections. Prints operations a second and CPU for each tenth of
the users and of the groups, memory of the web workers, and what the tables have grown to: nothing may be dearer at the
end than at the beginning by more than a tenth.
"""

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from urllib.parse import quote

import orjson

from bench.home import ROOT, Customer, make_customer, open_home
from bench.in_process import rows_read
from bench.load import NOT_DONE, backend_ticks, cpu_ticks, peak_memory, receive, request_bytes
from bench.run import find_postmaster
from bench.seeding import group_body, user_body
from bench.servers import SERVERS, free_port, start
from scim.protocol import urns

CONNECTIONS, TENTHS = 4, 10
MEMBERS_AT_ONCE, PATCHES = 100, 3  # of each group
SIZES = """
SELECT relname, pg_total_relation_size(oid) / 1024 / 1024,
       (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = c.oid)
FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname LIKE 'scim_%'
ORDER BY 2 DESC LIMIT 8
"""
Send = Callable[[str, str, bytes], bytes]


def import_user(send: Send, number: int) -> str:
    """Looked up, then created; gives the id."""
    body = user_body(f"{number:07}")
    condition = quote(f'userName eq "{body["userName"]}"')
    send("GET", f"/Users?filter={condition}", b"")
    return str(orjson.loads(send("POST", "/Users", orjson.dumps(body)))["id"])


def import_group(send: Send, number: int, users: list[str]) -> None:
    """Created without members, which follow a hundred at a time."""
    created = orjson.loads(send("POST", "/Groups", orjson.dumps(group_body(f"{number:07}"))))
    for turn in range(PATCHES):
        first = (number * PATCHES + turn) * MEMBERS_AT_ONCE % max(len(users) - MEMBERS_AT_ONCE, 1)
        members = [{"value": user} for user in users[first : first + MEMBERS_AT_ONCE]]
        operation = {"op": "add", "path": "members", "value": members}
        body = {"schemas": [urns.PATCH_OP], "Operations": [operation]}
        send("PATCH", f"/Groups/{created['id']}", orjson.dumps(body))


def main() -> None:
    """Import and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--groups", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lnbench") as home:
        environment, port = open_home(home), free_port()
        customer, server = make_customer(), start(SERVERS["granian, 1 thread"], port, environment)
        try:
            _import(port, customer, (server.pid, find_postmaster()), options.users, options.groups)
            print(f"a web worker held at most {peak_memory(server.pid):.0f} MiB")
        finally:
            server.terminate()
            server.wait(20)
        _print_sizes()


def _import(port: int, customer: Customer, pids: tuple[int, int], users: int, groups: int) -> None:
    ids: list[str] = []

    def import_one(send: Send, number: int) -> None:
        ids.append(import_user(send, number))

    _in_tenths("users", users, 2, lambda first, last: _run(port, customer.token, import_one, first, last), pids)
    _in_tenths(
        "groups",
        groups,
        1 + PATCHES,
        lambda first, last: _run(port, customer.token, lambda send, n: import_group(send, n, ids), first, last),
        pids,
    )


def _in_tenths(name: str, number: int, requests: int, run: Callable[[int, int], None], pids: tuple[int, int]) -> None:
    print(
        f"| tenth of {number:,} {name} | requests/s | CPU-ms server | PostgreSQL | of it for the requests | rows read |"
    )
    print("|---|---|---|---|---|---|")
    for tenth in range(TENTHS):
        first, last = number * tenth // TENTHS, number * (tenth + 1) // TENTHS
        before, read, started = _ticks(pids), rows_read(), time.monotonic()
        run(first, last)
        took, sent = time.monotonic() - started, (last - first) * requests
        used = [10 * (now - earlier) / sent for now, earlier in zip(_ticks(pids), before, strict=True)]
        told = " | ".join(f"{one:.2f}" for one in used)
        print(f"| {tenth + 1} | {sent / took:.0f} | {told} | {(rows_read() - read) / sent:.0f} |", flush=True)


def _ticks(pids: tuple[int, int]) -> list[int]:
    """Of the server, of PostgreSQL, and of the processes in it that serve connections: the rest is vacuum and WAL."""
    return [*map(cpu_ticks, pids), backend_ticks(pids[1])]


def _run(port: int, token: str, work: Callable[[Send, int], None], first: int, last: int) -> None:
    numbers = count(first)

    def drive() -> None:
        with _connected(port, token) as send:
            for number in iter(numbers.__next__, None):
                if number >= last:
                    return
                work(send, number)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for driven in [threads.submit(drive) for _ in range(CONNECTIONS)]:
            driven.result()


@contextmanager
def _connected(port: int, token: str) -> Iterator[Send]:
    """A keep-alive connection: sends a request and gives the body of its answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send(method: str, path: str, body: bytes) -> bytes:
            connection.sendall(request_bytes(method, f"/scim/v2{path}", token, body))
            status, _head, answer = receive(connection)
            if status >= NOT_DONE:
                raise RuntimeError(f"{method} {path}: {status} {answer!r}")
            return answer

        yield send


def _print_sizes() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(SIZES)
        print("| table | MiB with indexes | dead rows |\n|---|---|---|")
        for name, size, dead in cursor.fetchall():
            print(f"| {name} | {size} | {dead if dead is not None else ''} |")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
