"""Leases within one process: claiming, renewing, releasing, holding."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from labsninja.kernel.isolation import tenant_scope
from labsninja.kernel.leases import (
    HeldLease,
    LeaseLost,
    LeaseUseError,
    claim_lease,
    hold_lease,
    release_lease,
    renew_lease,
)

pytestmark = pytest.mark.usefixtures("database")


def _claim(name: str, *, owner: str = "one", seconds: float = 30) -> HeldLease:
    lease = claim_lease(name=name, owner=owner, seconds=seconds)
    assert lease is not None
    return lease


def _seconds_left(lease: HeldLease) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM %s - clock_timestamp())", [lease.lease_until])
        return float(cursor.fetchone()[0])


def test_free_lease_is_claimed_with_the_first_fence(name: str) -> None:
    lease = _claim(name, seconds=30)
    assert (lease.name, lease.owner, lease.fence) == (name, "one", 1)
    assert 29 < _seconds_left(lease) <= 30


def test_held_lease_is_not_given_to_another(name: str) -> None:
    _claim(name)
    assert claim_lease(name=name, owner="two", seconds=30) is None


def test_held_lease_is_not_given_to_its_holder_twice(name: str) -> None:
    _claim(name)
    assert claim_lease(name=name, owner="one", seconds=30) is None


def test_lease_that_ran_out_is_taken_over_with_the_next_fence(name: str) -> None:
    _claim(name, seconds=0.01)
    time.sleep(0.02)
    assert _claim(name, owner="two").fence == 2


def test_leases_of_two_names_do_not_meet(name: str) -> None:
    assert (_claim(name).fence, _claim(f"{name}-other").fence) == (1, 1)


def test_renewed_lease_keeps_its_fence_and_lasts_longer(name: str) -> None:
    renewed = renew_lease(_claim(name, seconds=5), seconds=60)
    assert renewed.fence == 1
    assert 59 < _seconds_left(renewed) <= 60


def test_lease_that_ran_out_cannot_be_renewed_although_nobody_took_it(name: str) -> None:
    lease = _claim(name, seconds=0.01)
    time.sleep(0.02)
    with pytest.raises(LeaseLost):
        renew_lease(lease, seconds=30)


def test_lease_that_was_taken_over_cannot_be_renewed(name: str) -> None:
    lease = _claim(name, seconds=0.01)
    time.sleep(0.02)
    _claim(name, owner="two")
    with pytest.raises(LeaseLost):
        renew_lease(lease, seconds=30)


def test_released_lease_is_free_at_once(name: str) -> None:
    assert release_lease(_claim(name)) is True
    assert _claim(name, owner="two").fence == 2


def test_released_lease_cannot_be_renewed_or_held(name: str) -> None:
    lease = _claim(name)
    release_lease(lease)
    with pytest.raises(LeaseLost):
        renew_lease(lease, seconds=30)
    with transaction.atomic(), pytest.raises(LeaseLost):
        hold_lease(lease)


def test_lost_lease_is_not_released_from_under_its_next_holder(name: str) -> None:
    lost = _claim(name, seconds=0.01)
    time.sleep(0.02)
    _claim(name, owner="two")
    assert release_lease(lost) is False
    assert claim_lease(name=name, owner="three", seconds=30) is None


def test_own_lease_is_held_in_a_transaction(name: str) -> None:
    lease = _claim(name)
    with transaction.atomic():
        hold_lease(lease)


def test_own_lease_is_held_in_a_tenant_scope(name: str, tenant: UUID) -> None:
    lease = _claim(name)
    with tenant_scope():
        hold_lease(lease)


def test_lost_lease_is_not_held(name: str) -> None:
    lease = _claim(name, seconds=0.01)
    time.sleep(0.02)
    with transaction.atomic(), pytest.raises(LeaseLost):
        hold_lease(lease)


def test_lease_is_not_held_outside_a_transaction(name: str) -> None:
    with pytest.raises(LeaseUseError):
        hold_lease(_claim(name))


@pytest.mark.parametrize(
    "act",
    [
        lambda lease: claim_lease(name=lease.name, owner="two", seconds=1),
        lambda lease: renew_lease(lease, seconds=1),
        release_lease,
    ],
    ids=["claim", "renew", "release"],
)
def test_lease_does_not_change_inside_a_transaction_that_might_roll_back(act: Callable[..., Any], name: str) -> None:
    lease = _claim(name)
    with transaction.atomic(), pytest.raises(LeaseUseError):
        act(lease)
