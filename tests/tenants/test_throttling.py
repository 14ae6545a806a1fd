"""Guessing gets slow; nobody is locked out of their own account by somebody else."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import uuid_utils.compat
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from tenants.realms import CONSOLE, PORTAL
from tenants.services.accounts.scopes import open_account_scope
from tenants.services.accounts.throttling import (
    TooManyAttemptsError,
    claim_attempt,
    clear_attempts,
    prune_attempts,
)
from tests.tenants.people import origin_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def account() -> str:
    return f"{uuid_utils.compat.uuid7().hex}@example.test"


@pytest.fixture
def network() -> str:
    """An address of a network of its own."""
    drawn = uuid_utils.compat.uuid7().hex[-8:]
    return f"2001:db8:{drawn[:4]}:{drawn[4:]}::1"


def _attempt(account: str, network: str, *, later: float = 0, realm: Any = CONSOLE) -> float:
    """Seconds to wait, 0 when the attempt may be made."""
    try:
        claim_attempt(realm=realm, account=account, origin=origin_of(realm, address=network, later=later))
    except TooManyAttemptsError as error:
        return error.seconds
    return 0


def _clear(account: str, network: str) -> None:
    origin = origin_of(CONSOLE, address=network)
    with open_account_scope(realm=CONSOLE, origin=origin, reason="") as scope:
        clear_attempts(scope=scope, realm=CONSOLE, account=account, origin=origin)


def test_fifth_failure_begins_a_wait_that_doubles(account: str, network: str) -> None:
    assert [_attempt(account, network) for _ in range(5)] == [0] * 5
    assert 1 <= _attempt(account, network) <= 3
    assert _attempt(account, network, later=3) == 0
    assert 3 <= _attempt(account, network, later=3) <= 5
    assert _attempt(account, network, later=8) == 0
    assert 7 <= _attempt(account, network, later=8) <= 9


def test_wait_is_bounded(account: str, network: str) -> None:
    later = 0.0
    for _ in range(25):
        assert _attempt(account, network, later=later) == 0
        later += 901
    assert _attempt(account, network, later=later - 900) <= 901


def test_attempt_that_has_to_wait_does_not_make_the_wait_longer(account: str, network: str) -> None:
    for _ in range(5):
        _attempt(account, network)
    waits = [_attempt(account, network) for _ in range(20)]
    assert max(waits) <= 3


def test_success_frees_the_account(account: str, network: str) -> None:
    for _ in range(5):
        _attempt(account, network)
    _clear(account, network)
    assert [_attempt(account, network) for _ in range(5)] == [0] * 5


def test_stranger_cannot_lock_the_owner_out(account: str, network: str) -> None:
    """The owner has signed in from their network before; strangers fail from everywhere."""
    _clear(account, network)
    for number in range(40):
        _attempt(account, f"203.0.{number}.1")
    assert _attempt(account, network) == 0


def test_account_alone_slows_guesses_that_come_from_everywhere(account: str) -> None:
    waits = [_attempt(account, f"203.1.{number}.1") for number in range(40)]
    assert waits[:20] == [0] * 20
    assert 0 < max(waits[21:]) <= 61


def test_network_that_tries_many_accounts_is_slowed(network: str) -> None:
    waits = [_attempt(f"{number}{network}", network) for number in range(60)]
    assert waits[:40] == [0] * 40
    assert max(waits[41:]) > 0


def test_addresses_of_one_network_are_one(account: str) -> None:
    for host in range(1, 6):
        assert _attempt(account, f"198.18.7.{host}") == 0
    assert _attempt(account, "198.18.7.77") > 0


def test_realms_count_apart(account: str, network: str) -> None:
    for _ in range(6):
        _attempt(account, network)
    assert _attempt(account, network, realm=PORTAL) == 0


def test_hundred_attempts_at_once_are_a_hundred(account: str, network: str, django_db_blocker: DjangoDbBlocker) -> None:
    def attempt(_number: int) -> float:
        with django_db_blocker.unblock():
            try:
                return _attempt(account, network)
            finally:
                connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(attempt, range(40)))
    assert waits.count(0) == 5


def test_what_is_old_is_forgotten(account: str, network: str) -> None:
    for _ in range(6):
        _attempt(account, network)
    assert _attempt(account, network, later=86_401) == 0
    now = origin_of(CONSOLE, later=3 * 86_400)
    with open_account_scope(realm=CONSOLE, origin=now, reason="") as scope:
        assert prune_attempts(scope=scope, now=now.at) > 0
