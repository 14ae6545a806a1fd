"""A process that contends for a lease and works under it. Started by the tests: contender.py MODE NAME SECONDS."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsninja.settings")

import django
from django.conf import settings

settings.INSTALLED_APPS = ["labsninja.kernel"]  # the rest would only take longer to start
django.setup()

from django.db import connection, transaction  # noqa: E402  # as above

from labsninja.kernel.leases import (  # noqa: E402  # as above
    HeldLease,
    LeaseLost,
    claim_lease,
    hold_lease,
    release_lease,
    renew_lease,
)

STEP = """
INSERT INTO lease_effect (step, fence, owner)
SELECT coalesce(max(step), 0) + 1, %s, %s FROM lease_effect
"""
FINISH = "UPDATE lease_effect SET finished = clock_timestamp() WHERE finished IS NULL AND fence = %s"


def claim(name: str, seconds: float) -> HeldLease:
    while True:
        lease = claim_lease(name=name, owner=str(os.getpid()), seconds=seconds)
        if lease:
            return lease
        time.sleep(0.01)


def take_step(lease: HeldLease, *, stop_inside: bool = False) -> None:
    """One effect: it reads the number of the last step and writes the next, which two at once would double."""
    with transaction.atomic(), connection.cursor() as cursor:
        hold_lease(lease)
        cursor.execute(STEP, [lease.fence, lease.owner])
        if stop_inside:
            os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(0.002)
        cursor.execute(FINISH, [lease.fence])


def work(name: str, seconds: float) -> None:
    """For ever: claim, take steps with renewals between them, now and then release."""
    while True:
        lease = claim(name, seconds)
        try:
            for _ in range(10):
                take_step(lease)
                lease = renew_lease(lease, seconds=seconds)
            release_lease(lease)
        except LeaseLost:
            continue


def wait(name: str, seconds: float) -> None:
    """Claim, take a step, wait for a line, and try the next step as if no time had passed."""
    lease = claim(name, seconds)
    take_step(lease)
    print("ready", flush=True)  # noqa: T201  # the test reads it
    sys.stdin.readline()
    try:
        take_step(lease)
        print("written", flush=True)  # noqa: T201  # as above
    except LeaseLost:
        print("lost", flush=True)  # noqa: T201  # as above


def stop(name: str, seconds: float) -> None:
    """Claim, and stop in the middle of a step."""
    lease = claim(name, seconds)
    print("ready", flush=True)  # noqa: T201  # as above
    take_step(lease, stop_inside=True)
    print("written", flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    {"work": work, "wait": wait, "stop": stop}[sys.argv[1]](sys.argv[2], float(sys.argv[3]))
