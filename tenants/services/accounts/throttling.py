"""Guessing gets slow, and nobody can be locked out: delays that double, by account and network together, by network,
and, shorter, by account alone. An account's own delay spares a network from which its owner has signed in before.

What is counted are digests: the table holds no address and no e-mail. Unknown accounts are counted like known ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from audit.actors import Origin
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, Scope, tenant_context, tenant_scope
from tenants import TenantsError
from tenants.realms import Realm
from tenants.services.accounts.scopes import open_account_scope

FORGOTTEN_AFTER = timedelta(days=1)
KNOWN_FOR = timedelta(days=90)
MOST_DOUBLINGS = 20
NETWORK_BITS = {4: 24, 6: 64}

MAKE = """
INSERT INTO tenants_sign_in_throttle (key, failures, failed_at, blocked_until)
VALUES (%(key)s, 0, %(now)s, '1970-01-01Z')
ON CONFLICT (key) DO NOTHING
"""
# Locked: of a hundred attempts at once each sees what the one before left.
LOCK = """
SELECT failures, failed_at, blocked_until, succeeded_at FROM tenants_sign_in_throttle WHERE key = %(key)s FOR UPDATE
"""
COUNT = """
UPDATE tenants_sign_in_throttle SET failures = %(failures)s, failed_at = %(now)s,
    blocked_until = coalesce(%(blocked_until)s, blocked_until)
WHERE key = %(key)s
"""
CLEAR = """
INSERT INTO tenants_sign_in_throttle AS t (key, failures, failed_at, blocked_until, succeeded_at)
VALUES (%(key)s, 0, %(now)s, '1970-01-01Z', %(now)s)
ON CONFLICT (key) DO UPDATE SET failures = 0, blocked_until = '1970-01-01Z', succeeded_at = %(now)s
"""
SEEN = "SELECT 1 FROM tenants_sign_in_throttle WHERE key = %(key)s AND succeeded_at > %(known)s"
RELIEVE = "UPDATE tenants_sign_in_throttle SET failures = greatest(failures - 1, 0) WHERE key = %(key)s"
PRUNE = """
DELETE FROM tenants_sign_in_throttle
WHERE failed_at < %(forgotten)s AND (succeeded_at IS NULL OR succeeded_at < %(known)s)
"""


class TooManyAttemptsError(TenantsError):
    """Wait `seconds` before the next attempt."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds + 0.5))
        super().__init__(f"Too many attempts. Try again in {self.seconds} seconds.")


@dataclass(frozen=True)
class Counter:
    """One thing that is counted: `free` attempts cost nothing, then each doubles the wait up to `longest` seconds."""

    key: bytes
    free: int
    longest: float


def claim_attempt(*, realm: Realm, account: str, origin: Origin) -> None:
    """Count an attempt before it is made, so that a hundred at once are a hundred. Raises TooManyAttemptsError."""
    pair, network, alone = _counters(realm, account, origin)
    with open_account_scope(realm=realm, origin=origin, reason="count an attempt to sign in") as scope:
        wait, is_known = _take(scope, pair, origin.at)
        wait = max(wait, _take(scope, network, origin.at)[0])
        if not is_known:
            wait = max(wait, _take(scope, alone, origin.at)[0])
    if wait > 0:
        raise TooManyAttemptsError(wait)


def claim_guess(*, area: str, origin: Origin) -> None:
    """Count what may be a guess at a link of that area, before it is looked up: by network alone, since a link is of no
    account. Raises TooManyAttemptsError.
    """
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope() as scope:
        wait, _ = _take(scope, _guesses(area, origin), origin.at)
    if wait > 0:
        raise TooManyAttemptsError(wait)


def release_guess(*, area: str, origin: Origin) -> None:
    """It was none."""
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope() as scope:
        scope.execute(RELIEVE, {"key": _guesses(area, origin).key})


def release_network(*, scope: Scope, realm: Realm, origin: Origin) -> None:
    """After an attempt that was right: a network from which hundreds sign in is not one that guesses."""
    scope.execute(RELIEVE, {"key": _counters(realm, "", origin)[1].key})


def clear_attempts(*, scope: Scope, realm: Realm, account: str, origin: Origin) -> bool:
    """After a success, within its transaction: the account is free again. Gives whether it was entered from this
    network within the last 90 days.
    """
    pair, _, alone = _counters(realm, account, origin)
    seen = scope.execute(SEEN, {"key": pair.key, "known": origin.at - KNOWN_FOR}).fetchone()
    for counter in (pair, alone):
        scope.execute(CLEAR, {"key": counter.key, "now": origin.at})
    return seen is not None


def prune_attempts(*, scope: Scope, now: datetime) -> int:
    """Forget what is old. Gives how many."""
    found = scope.execute(PRUNE, {"forgotten": now - FORGOTTEN_AFTER, "known": now - KNOWN_FOR})
    return int(found.rowcount)


def _take(scope: Scope, counter: Counter, now: datetime) -> tuple[float, bool]:
    """Seconds to wait, and whether somebody has signed in by this key. An attempt that has to wait is not counted."""
    scope.execute(MAKE, {"key": counter.key, "now": now})
    failures, failed_at, blocked_until, succeeded_at = scope.execute(LOCK, {"key": counter.key}).fetchone()
    is_known = succeeded_at is not None and succeeded_at > now - KNOWN_FOR
    if blocked_until > now:
        return (blocked_until - now).total_seconds(), is_known
    failures = 1 if failed_at < now - FORGOTTEN_AFTER else failures + 1
    over = failures - counter.free
    delay = min(2.0 ** min(over, MOST_DOUBLINGS), counter.longest) if over > 0 else 0.0
    until = now + timedelta(seconds=delay) if delay else None  # a moment of another process's clock blocks nobody
    values = {"key": counter.key, "now": now, "failures": failures, "blocked_until": until}
    scope.execute(COUNT, values)
    return 0.0, is_known


def _counters(realm: Realm, account: str, origin: Origin) -> Sequence[Counter]:
    network = _network(origin.address)
    return (
        Counter(_key(realm, "pair", account, network), free=4, longest=900),
        Counter(_key(realm, "network", network), free=40, longest=300),
        Counter(_key(realm, "account", account), free=20, longest=60),
    )


def _guesses(area: str, origin: Origin) -> Counter:
    return Counter(_digest(area, "guesses", _network(origin.address)), free=20, longest=300)


def _key(realm: Realm, *parts: str) -> bytes:
    return _digest(realm.name, *parts)


def _digest(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode()).digest()


def _network(address: str) -> str:
    if not address:
        return ""
    bits = NETWORK_BITS[ip_address(address).version]
    return str(ip_network(f"{address}/{bits}", strict=False))
