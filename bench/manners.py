"""How the server bears more load than it is meant for.

usage: make bench-manners [SECONDS=15]

Twice what it can do (closed loop on many connections, no limits by plan): latency grows, and nothing fails. Then a
tenant with a limit sends ten times as much as it may while another one reads at a steady pace: the first is refused
with 429 and Retry-After and nothing else, and the other's 95th percentile stays within 1.5 times what it was alone. At
last a minute of mixed load, for the memory of the web workers.
"""

import argparse
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from bench.home import ROOT, Customer, make_customer, open_home
from bench.load import NOT_DONE, peak_memory, receive, request_bytes
from bench.operations import list_operations
from bench.seeding import seed_directory, user_id
from bench.servers import SERVERS, free_port, start

USERS = 1_000
PACE = 40.0  # requests a second of the neighbor


@dataclass
class Watched:
    """What became of the requests of one side."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    unhelpful: int = 0  # refused without Retry-After

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waits) or [0.0]
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    def __str__(self) -> str:
        told = ", ".join(f"{status}: {number:,}" for status, number in sorted(self.statuses.items()))
        waits = " ".join(f"p{share} {self.percentile(share / 100):.1f}" for share in (50, 95, 99))
        return f"{told}; {waits} ms; refused without Retry-After: {self.unhelpful}"


def drive(port: int, make: Callable[[], bytes], *, seconds: float, connections: int, pace: float = 0.0) -> Watched:
    """Load for so long; `pace` is requests a second on each connection, as fast as they are answered without one."""
    watched, until = Watched(), time.monotonic() + seconds
    with ThreadPoolExecutor(connections) as threads:
        driven: list[Future[None]] = [
            threads.submit(_drive, port, make, watched, until, pace) for _ in range(connections)
        ]
    for one in driven:
        one.result()
    return watched


def _drive(port: int, make: Callable[[], bytes], watched: Watched, until: float, pace: float) -> None:
    due = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < until:
            if pace:
                due += 1 / pace
                time.sleep(max(due - time.monotonic(), 0))
            started = time.perf_counter()
            connection.sendall(make())
            status, head, _body = receive(connection)
            watched.waits.append(1000 * (time.perf_counter() - started))
            watched.statuses[status] += 1
            watched.unhelpful += status >= NOT_DONE and b"retry-after" not in head


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lnbench") as home:
        environment, port = open_home(home), free_port()
        from tenants.plans import Plan

        customer, limited = make_customer(), make_customer(slug="limited", plan=Plan.FREE)
        for one in (customer, limited):
            seed(one)
        server = start(SERVERS["granian, 1 thread"], port, environment)
        try:
            _measure(port, customer, limited, options.seconds)
            print(f"a web worker held at most {peak_memory(server.pid):.0f} MiB")
        finally:
            server.terminate()
            server.wait(20)


def _measure(port: int, customer: Customer, limited: Customer, seconds: float) -> None:
    mixed = draw_operations(customer)
    print(f"8 connections: {drive(port, mixed, seconds=seconds, connections=8)}")
    print(f"16 connections, twice as many: {drive(port, mixed, seconds=seconds, connections=16)}")
    alone = drive(port, _read(customer), seconds=seconds, connections=2, pace=PACE / 2)
    print(f"neighbor alone: {alone}")
    # In a process of its own: what the neighbor waits for is the server, not this one's threads.
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as other:
        flood = other.submit(_flood, port, limited, seconds + 1)
        time.sleep(0.5)
        beside = drive(port, _read(customer), seconds=seconds, connections=2, pace=PACE / 2)
        print(f"tenant at ten times its rate: {flood.result()}")
    print(f"neighbor beside it: {beside}; p95 {beside.percentile(0.95) / alone.percentile(0.95):.2f} of before")
    print(f"a minute of mixed load: {drive(port, mixed, seconds=max(60, seconds), connections=8)}")


def _flood(port: int, limited: Customer, seconds: float) -> Watched:
    """Ten connections, each with all that the tenant may send."""
    from tenants.plans import RATES, Plan

    rate = RATES[Plan.FREE].tenant
    pace = rate.per_second if rate else 0.0
    return drive(port, _read(limited), seconds=seconds, connections=10, pace=pace)


def seed(customer: Customer) -> None:
    """Its directory, of USERS."""
    from labsninja.kernel.isolation import tenant_context

    with tenant_context(customer.tenant_id):
        seed_directory(users=USERS)


def _read(customer: Customer) -> Callable[[], bytes]:
    drawn = random.Random(1)  # noqa: S311  # repeatable, not secret
    return lambda: request_bytes("GET", f"/scim/v2/Users/{user_id(drawn.randint(1, USERS))}", customer.token)


def draw_operations(customer: Customer) -> Callable[[], bytes]:
    """Gives requests of all kinds in a random order, the same in each run."""
    drawn, operations = random.Random(2), list_operations(users=USERS, biggest=USERS)  # noqa: S311  # not secret

    def make() -> bytes:
        method, path, body = drawn.choice(operations).ask()
        return request_bytes(method, f"/scim/v2{path}", customer.token, body)

    return make


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
