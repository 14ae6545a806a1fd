"""What sealing costs and how soon it is done: `python bench/sealing.py`, on a fresh home in a temporary folder.

Prints the throughput of 16 writers of one tenant with and without a sealer beside them, the lag of sealing at 1,000
events/s (from the commit of an event to that of its leaf), how long the verifier takes for 1,000,000 events, and how
long the proof of one event takes in a history of as many.
"""

import argparse
import base64
import contextvars
import hashlib
import io
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
WRITERS = 16
LAG = """
SELECT extract(epoch FROM c.signed_at - l.event_at)::float FROM audit_leaf l
JOIN LATERAL (SELECT signed_at FROM audit_checkpoint c WHERE c.tenant_id = l.tenant_id AND c.size > l.leaf_index
              ORDER BY c.size LIMIT 1) c ON true
WHERE l.tenant_id = %s AND l.event_at >= %s
"""


def prepare() -> UUID:
    """A migrated database and a tenant."""
    home = tempfile.mkdtemp(prefix="ln", dir="/tmp")  # a socket's path must be short
    Path(home).chmod(0o755)
    os.environ.update({"LABSNINJA_HOME": home, "DJANGO_SETTINGS_MODULE": "labsninja.settings"})
    import django

    from labsninja.local import complete_environment

    complete_environment()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from audit.actors import system_origin
    from labsninja.kernel.isolation import cross_tenant
    from tenants.plans import Plan
    from tenants.services.tenants import create_tenant

    with cross_tenant(reason="a bench"):
        return create_tenant(slug=f"bench{time.time_ns()}", plan=Plan.UNLIMITED, origin=system_origin("bench")).id


def write(seconds: float) -> float:
    """Users that all writers create in the bound tenant, per second."""
    from audit.actors import system_origin
    from scim.protocol.dialects.base import Reading
    from scim.protocol.schemas import USER
    from scim.services.resources import create_resource
    from scim.services.writes import Writing

    def create(writer: int) -> None:
        body = {"schemas": [USER.schema.id], "userName": f"{time.time_ns()}.{writer}@example.com"}
        create_resource(body=body, writing=Writing(USER, system_origin("bench"), Reading()))

    return run_writers(seconds, create)


def run_writers(seconds: float, work: Callable[[int], None], pause: float = 0.0) -> float:
    """How often all writers together have done their work, per second; each waits so long after it has done it."""
    from django.db import connections

    until, done = time.monotonic() + seconds, [0] * WRITERS

    def run(writer: int) -> None:
        while time.monotonic() < until:
            work(writer)
            done[writer] += 1
            time.sleep(pause)
        connections.close_all()

    contexts = [contextvars.copy_context() for _ in range(WRITERS)]
    threads = [threading.Thread(target=each.run, args=(run, writer)) for writer, each in enumerate(contexts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def tell(seconds: float) -> float:
    """Events of the bound tenant told in transactions of ten, about 1,000 a second; gives how many a second."""
    from audit.actions import Action
    from audit.actors import system_origin
    from audit.services import Event, Target, record_event
    from labsninja.kernel.isolation import tenant_scope

    def record(_writer: int) -> None:
        with tenant_scope():
            for _ in range(10):
                record_event(event=Event(Action.GROUP_UPDATED, Target("Group", "g")), origin=system_origin("bench"))

    return 10 * run_writers(seconds, record, pause=WRITERS * 10 / 1_100)


def read_beat() -> datetime:
    """When a ledger has sealed last."""
    from django.db import connections

    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT beat_at FROM audit_sealing")
        return cursor.fetchone()[0]


@contextmanager
def sealing() -> Iterator[None]:
    """A ledger beside us, on duty."""
    with subprocess.Popen([sys.executable, "manage.py", "ledger"], cwd=ROOT, stderr=subprocess.DEVNULL) as ledger:
        began = datetime.now(UTC)
        while read_beat() < began:
            time.sleep(0.1)
        yield
        time.sleep(3)
        ledger.send_signal(signal.SIGTERM)


def verify(events: int) -> float:
    """Seconds of one core that the verifier needs for a bundle of so many events."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from audit.merkle import Growth
    from audit.sealing import sign_checkpoint
    from audit.signing import Signer
    from audit.verify import BLOCK, ED25519, FORMAT, encode, hash_all, hash_leaf, verify

    lines = [b'{"action":"scim.user.updated","number":%d,"rest":"%s"}\n' % (at, b"x" * 600) for at in range(events)]
    leaves = [hash_leaf(line[:-1]) for line in lines]
    signer, growth = Signer("bench", Ed25519PrivateKey.generate()), Growth()
    for leaf in leaves:
        growth.append(leaf)
    note = sign_checkpoint(signer=signer, size=events, root=growth.root, at=datetime.now(UTC))
    blocks = [leaves[at : at + BLOCK] for at in range(0, events, BLOCK)]
    roots = [base64.b64encode(hash_all(block)).decode() for block in blocks]
    header = {
        "bundle": FORMAT,
        "checkpoint": note,
        "first": 0,
        "count": events,
        "blocks": roots,
        "proof": [],
        "keys": [],
    }
    parts = [encode(header)]
    for number, block in enumerate(blocks):
        parts.append(encode({"leaves": base64.b64encode(b"".join(block)).decode()}))
        parts.extend(lines[number * BLOCK : (number + 1) * BLOCK])
    content = b"".join(parts)
    trailer = encode({"note": signer.sign(f"{FORMAT}\n{hashlib.sha256(content).hexdigest()}\n")})
    key = ("bench", ED25519 + signer.key.public_key().public_bytes_raw())
    began = time.process_time()
    verify(io.BytesIO(content + trailer), trusted=[key])
    return time.process_time() - began


def prove(events: int) -> list[float]:
    """Milliseconds, ascending, in which the proof of an event is written when so many more are sealed after it."""
    import uuid_utils.compat

    from audit.actors import system_origin
    from audit.proofs import prove_event
    from audit.queries import list_events
    from audit.sealing import seal_events
    from labsninja.kernel.isolation import cross_tenant, current_tenant, tenant_context, tenant_scope

    told, tenant_id, took = list_events(newest=1)[0], current_tenant(), []
    with tenant_context(None), cross_tenant(reason="a bench"), tenant_context(tenant_id):
        for batch in range(events // 20_000):
            rows = [(uuid_utils.compat.uuid7(), told.at, f"{batch} {number}") for number in range(20_000)]
            with tenant_scope() as scope:
                seal_events(scope=scope, rows=rows)
        for _ in range(50):
            began = time.perf_counter()
            prove_event(event_id=told.id, origin=system_origin("bench"))
            took.append(1_000 * (time.perf_counter() - began))
    return sorted(took)


def main() -> None:
    parser = argparse.ArgumentParser(description="What sealing costs, and how soon it is done.")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    tenant_id = prepare()
    from labsninja.kernel.isolation import tenant_context, tenant_scope

    with tenant_context(tenant_id):
        write(2)
        plain, sealed = [], []
        for _ in range(options.rounds):
            plain.append(write(options.seconds))
            with sealing():
                sealed.append(write(options.seconds))
        print(f"{WRITERS} writers: plain {plain}, sealed {sealed} writes/s")
        print(f"share kept: {statistics.median(sealed) / statistics.median(plain):.2f}")
        with sealing():
            since = datetime.now(UTC)
            print(f"events told: {tell(options.seconds * 4):.0f}/s")
        with tenant_scope() as scope:
            lags = sorted(lag for (lag,) in scope.execute(LAG, [tenant_id, since]).fetchall())
        print(f"seal lag of {len(lags)}: p50 {lags[len(lags) // 2]:.2f} s, p99 {lags[len(lags) * 99 // 100]:.2f} s")
        took = prove(options.events)
        print(f"proof of one event of {options.events}: p50 {took[25]:.1f} ms, most {took[-1]:.1f} ms")
    print(f"{options.events} events verified in {verify(options.events):.1f} s")


if __name__ == "__main__":
    main()
