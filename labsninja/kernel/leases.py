"""Fenced leases: one holder at a time, by the database's clock alone.

Every claim raises the fence. A process that was stopped longer than its lease lasts may wake up and go on, but its
fence is old by then: `hold_lease` finds that out inside the very transaction that carries the effect, and no claim
gets past a transaction that holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, router, transaction

from labsninja.kernel.models import Lease

# clock_timestamp() and not now(): whoever waits for a row's lock looks at the clock after the wait.
CLAIM = """
INSERT INTO kernel_lease AS held (name, owner, fence, lease_until)
VALUES (%(name)s, %(owner)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE SET owner = EXCLUDED.owner, fence = held.fence + 1,
    lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE held.lease_until <= clock_timestamp()
RETURNING fence, lease_until
"""
RENEW = """
UPDATE kernel_lease SET lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE name = %(name)s AND fence = %(fence)s AND lease_until > clock_timestamp()
RETURNING fence, lease_until
"""
RELEASE = """
UPDATE kernel_lease SET lease_until = clock_timestamp()
WHERE name = %(name)s AND fence = %(fence)s AND lease_until > clock_timestamp()
RETURNING fence, lease_until
"""
HOLD = """
SELECT FROM kernel_lease
WHERE name = %(name)s AND fence = %(fence)s AND lease_until > clock_timestamp()
FOR SHARE
"""


class LeaseError(Exception):
    """Base of what goes wrong with leases."""


class LeaseLost(LeaseError):  # noqa: N818  # what every holder must expect is no error
    """The lease ran out or another process took it over: stop, and claim anew."""


class LeaseUseError(LeaseError):
    """A lease was asked for in the wrong kind of transaction: a defect of the caller."""


@dataclass(frozen=True)
class HeldLease:
    """A lease as its holder knows it. `lease_until` is the database's time."""

    name: str
    owner: str
    fence: int
    lease_until: datetime


def claim_lease(*, name: str, owner: str, seconds: float) -> HeldLease | None:
    """The lease if it was free or had run out, None while another holds it. `owner` is for people to read.

    Commits at once. Raises LeaseUseError inside a transaction.
    """
    return _run(CLAIM, name, owner, {"owner": owner, "seconds": seconds})


def renew_lease(lease: HeldLease, *, seconds: float) -> HeldLease:
    """The lease, lasting `seconds` from now. Raises LeaseLost, LeaseUseError inside a transaction."""
    renewed = _run(RENEW, lease.name, lease.owner, {"fence": lease.fence, "seconds": seconds})
    if renewed is None:
        raise LeaseLost(f"the lease {lease.name} is lost")
    return renewed


def release_lease(lease: HeldLease) -> bool:
    """Let others have it at once. False when it was lost already. Raises LeaseUseError inside a transaction."""
    return _run(RELEASE, lease.name, lease.owner, {"fence": lease.fence}) is not None


def hold_lease(lease: HeldLease) -> None:
    """Call it first in the transaction of an effect: until that ends nobody else can claim the lease.

    Keep the transaction short: a claim, and a renewal too, waits for it. Raises LeaseLost, LeaseUseError outside
    a transaction.
    """
    connection = connections[_alias()]
    if not connection.in_atomic_block:
        raise LeaseUseError("a lease is held in the transaction of its effect")
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"name": lease.name, "fence": lease.fence})
        if cursor.fetchone() is None:
            raise LeaseLost(f"the lease {lease.name} is lost")


def _run(statement: str, name: str, owner: str, values: dict[str, Any]) -> HeldLease | None:
    with _own_transaction() as cursor:
        cursor.execute(statement, {"name": name, **values})
        found = cursor.fetchone()
    return HeldLease(name, owner, found[0], found[1]) if found else None


@contextmanager
def _own_transaction() -> Iterator[Any]:
    alias = _alias()
    if connections[alias].in_atomic_block:
        raise LeaseUseError("a lease is claimed, renewed and released in a transaction of its own")
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        yield cursor


def _alias() -> str:
    return router.db_for_write(Lease)
