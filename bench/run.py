"""Measures D and every operation of the SCIM path in one run, and writes what it found beside the last table.

usage: make bench [N=100000] [GATE=1] [SECONDS=3] [PEERS=django-scim2,scim2-server,scimmy]

Starts a throw-away home, seeds N users and groups of 10 up to N members, and serves the product and D side by side.
Writes bench/results.json and the table of docs/performance.md. With GATE=1 it fails when an operation has less than
70 % of its goal, or of what is reached where the goal is not.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.home import ROOT, Customer, make_customer, open_home
from bench.load import Cost, measure, parent_of, peak_memory, request_bytes
from bench.report import list_shares, list_slow, read_results, write_page, write_results
from bench.servers import SERVERS, free_port, start
from bench.whole_group import measure_whole_group

FLOOR = tuple("bench.floor:application" if "wsgi:" in part else part for part in SERVERS["granian, 1 thread"])

TABLES = "scim_resource, scim_member, scim_resource_index, scim_counter, scim_page_anchor, scim_page_step"


def main() -> None:
    """Seed, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--note", default="", help="what the reader has to know about the machine at that time")
    parser.add_argument("--peers", default="", help="other servers, with commas: django-scim2, scim2-server, scimmy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lnbench") as home:
        environment = open_home(home)
        run = _measure_all(environment, make_customer(), options.users, options.seconds)
        names = [name for name in options.peers.split(",") if name]
        run["peers"] = _measure_peers(names, Path(home), run["floor"], options.seconds)
    results = read_results()
    before = list_shares(results.get(str(options.users)))
    run |= {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}Z", "note": options.note, "before": before}
    results[str(options.users)] = run
    print(write_page(results))
    write_results(results)
    slow = list_slow(run)
    if options.gate and slow:
        sys.exit(f"below its gate: {', '.join(slow)}")


def _measure_all(environment: dict[str, str], customer: Customer, users: int, seconds: float) -> dict[str, Any]:
    started = time.monotonic()
    sizes = _seed(customer, users)
    seeding = time.monotonic() - started
    print(f"seeded {users:,} users and groups of {sizes} in {seeding:.0f} s", flush=True)
    from bench.in_process import Inspector
    from bench.operations import list_operations

    ports = free_port(), free_port()
    servers = [start(SERVERS["granian, 1 thread"], ports[0], environment), start(FLOOR, ports[1], environment)]
    database = find_postmaster()
    try:
        floors = [_floor(ports[1], (servers[1].pid, database), seconds / 2)]
        inspector, costs = Inspector(customer), {}
        for operation in list_operations(users=users, biggest=sizes[-1]):
            seen = inspector.inspect(operation)

            def make(ask: Any = operation.ask) -> bytes:
                method, path, body = ask()
                return request_bytes(method, f"/scim/v2{path}", customer.token, body)

            pids = servers[0].pid, database
            cost = measure(ports[0], make, pids, seconds=seconds, connections=operation.connections)
            if cost.refused:
                raise RuntimeError(f"{operation.name}: {cost.refused} of {cost.requests} were refused")
            floors.append(_floor(ports[1], (servers[1].pid, database), seconds / 2))
            share = statistics.fmean(floors[-2:]) / cost.cpu  # of D right before and after: the machine has its moods
            wanted = {"goal": operation.goal, "gate": operation.gate, "hindrance": operation.hindrance}
            costs[operation.name] = {**_figures(cost), **wanted, "share": share, **seen}
            print(f"{operation.name}: {cost.cpu:.2f} CPU-ms", flush=True)
        memory = peak_memory(servers[0].pid)  # before the peaks are measured anew
        whole = measure_whole_group(servers[0].pid, ports[0], customer, sizes[-1])
    finally:
        _stop(servers)
    return {
        "floor": statistics.fmean(floors),
        "memory": memory,
        "whole": asdict(whole),
        "seeding": seeding,
        "operations": costs,
    }


def _measure_peers(names: list[str], home: Path, floor: float, seconds: float) -> dict[str, Any]:
    from bench.peers import measure_peers

    return measure_peers(names, home, database=find_postmaster(), floor=floor, seconds=seconds)


def _seed(customer: Customer, users: int) -> list[int]:
    from django.db import connections

    from bench.seeding import seed_directory
    from labsninja.kernel.isolation import tenant_context

    with tenant_context(customer.tenant_id):
        sizes = seed_directory(users=users)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {TABLES}")  # as autovacuum does by and by
    return sizes


def _floor(port: int, pids: tuple[int, int], seconds: float) -> float:
    request = request_bytes("GET", "/floor", "none")
    return measure(port, lambda: request, pids, seconds=seconds, connections=8).cpu


def _figures(cost: Cost) -> dict[str, float]:
    waits = {f"p{share}": cost.percentile(share / 100) for share in (50, 95, 99)}
    return {"requests": cost.requests, "server": cost.server, "database": cost.database, **waits}


def find_postmaster() -> int:
    """The first process of PostgreSQL."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return parent_of(int(cursor.fetchone()[0]))


def _stop(servers: list[subprocess.Popen[bytes]]) -> None:
    for server in servers:
        server.terminate()
    for server in servers:
        server.wait(20)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
