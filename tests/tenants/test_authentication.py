"""Whose token is this, and what is refused."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant
from tenants.services import authentication, credentials
from tenants.services.authentication import (
    MEMORY_ENTRIES,
    MEMORY_SECONDS,
    Grant,
    Refusal,
    TokenRefusedError,
    authenticate_token,
    forget_grants,
)
from tenants.services.credentials import make_credential
from tenants.services.tenants import suspend_tenant
from tenants.services.tokens import IssuedToken, revoke_token, rotate_token
from tests.labsninja.processes import ROOT, environment
from tests.tenants.conftest import Issue, origin_at

ANYWHERE = "192.0.2.1"
DAY = timedelta(days=1)
# Reads tokens, a line each, and answers how many opened something.
STRANGER = """
import sys, django
django.setup()
from datetime import UTC, datetime
from tenants.services.authentication import TokenRefusedError, authenticate_token
opened = 0
for line in sys.stdin:
    try:
        authenticate_token(text=line.strip(), address="192.0.2.1", now=datetime.now(UTC))
        opened += 1
    except TokenRefusedError:
        pass
print(opened)
"""


def _grant(issued: IssuedToken, *, at: datetime | None = None, address: str = ANYWHERE) -> Grant:
    return authenticate_token(text=issued.text, address=address, now=at or datetime.now(UTC))


def _refusal(issued: IssuedToken, *, at: datetime | None = None, address: str = ANYWHERE) -> Refusal | None:
    try:
        _grant(issued, at=at, address=address)
    except TokenRefusedError as error:
        return error.refusal
    return None


def test_genuine_token_grants_its_tenant_client_and_scopes(issue: Issue) -> None:
    issued = issue(scopes=["scim:read"])
    grant = _grant(issued)
    assert (grant.tenant_id, grant.token_id) == (issued.token.tenant_id, issued.token.id)
    assert (grant.scim_client_id, grant.client_name) == (issued.token.scim_client_id, "Okta")
    assert (grant.scopes, grant.plan, grant.is_suspended) == (("scim:read",), "unlimited", False)


def test_grant_shows_the_prefix_and_no_more_of_the_token(issue: Issue) -> None:
    issued = issue()
    shown = repr(_grant(issued))
    assert issued.token.prefix in shown
    assert issued.text[19:] not in shown


def test_first_use_costs_one_statement_and_the_next_none(issue: Issue) -> None:
    issued = issue()
    with CaptureQueriesContext(connection) as first:
        _grant(issued)
    with CaptureQueriesContext(connection) as second:
        _grant(issued)
    assert (len(first), len(second)) == (1, 0)


@pytest.mark.parametrize("text", ["", "lnj_ls_", "Bearer x", "lnj_ls_" + "0" * 61, "\x00", "é" * 68])
def test_malformed_token_is_refused(database: None, text: str) -> None:
    with pytest.raises(TokenRefusedError) as caught:
        authenticate_token(text=text, address=ANYWHERE, now=datetime.now(UTC))
    assert (caught.value.refusal, caught.value.grant) == (Refusal.MALFORMED, None)


def test_unknown_token_is_refused(database: None) -> None:
    with pytest.raises(TokenRefusedError) as caught:
        authenticate_token(text=make_credential(environment="live").text, address=ANYWHERE, now=datetime.now(UTC))
    assert (caught.value.refusal, caught.value.grant) == (Refusal.UNKNOWN, None)


def test_known_look_up_id_with_another_secret_is_unknown(issue: Issue) -> None:
    issued = issue()
    forged = f"{issued.token.prefix}{make_credential(environment='live').text[19:62]}"
    with pytest.raises(TokenRefusedError) as caught:
        authenticate_token(text=forged + credentials._checksum(forged), address=ANYWHERE, now=datetime.now(UTC))
    assert caught.value.refusal is Refusal.UNKNOWN


def test_refusal_of_a_genuine_token_says_whose_it_was(issue: Issue) -> None:
    issued = issue()
    with pytest.raises(TokenRefusedError) as caught:
        _grant(issued, at=issued.token.expires_at)
    assert caught.value.grant is not None
    assert caught.value.grant.token_id == issued.token.id


@pytest.mark.capability("bearer-tokens")
def test_token_is_refused_from_the_moment_it_expires(issue: Issue) -> None:
    issued = issue()
    ends = issued.token.expires_at
    assert _refusal(issued, at=ends - timedelta(microseconds=1)) is None
    assert _refusal(issued, at=ends) is Refusal.EXPIRED


def test_revoked_token_is_refused(issue: Issue) -> None:
    issued = issue()
    revoke_token(prefix=issued.token.prefix, origin=origin_at())
    assert _refusal(issued) is Refusal.REVOKED


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("192.0.2.200", None),
        ("198.51.100.7", None),
        ("2001:db8::1", None),
        ("192.0.3.1", Refusal.NETWORK),
        ("198.51.100.8", Refusal.NETWORK),
        ("2001:db9::1", Refusal.NETWORK),
        ("", Refusal.NETWORK),
        ("nowhere", Refusal.NETWORK),
    ],
)
def test_token_opens_from_its_networks_alone(issue: Issue, address: str, refusal: Refusal | None) -> None:
    issued = issue(networks=["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"])
    assert _refusal(issued, address=address) is refusal


def test_network_is_asked_of_a_remembered_token_too(issue: Issue) -> None:
    issued = issue(networks=["192.0.2.0/24"])
    _grant(issued)
    assert _refusal(issued, address="203.0.113.1") is Refusal.NETWORK


def test_both_tokens_open_until_the_overlap_ends_by_time_alone(issue: Issue) -> None:
    now = datetime.now(UTC)
    old = issue(at=now)
    new = rotate_token(prefix=old.token.prefix, origin=origin_at(now), overlap=DAY)
    before, after = now + DAY - timedelta(microseconds=1), now + DAY
    assert (_refusal(old, at=before), _refusal(new, at=before)) == (None, None)
    assert (_refusal(old, at=after), _refusal(new, at=after)) == (Refusal.EXPIRED, None)


def test_token_of_a_suspended_tenant_is_recognized_as_such(issue: Issue) -> None:
    issued = issue()
    slug = _grant(issued).tenant_slug
    forget_grants()
    origin = system_origin("test")
    with cross_tenant(reason="suspend for a test", actor=origin):
        suspend_tenant(slug=slug, reason="unpaid", origin=origin)
    assert _grant(issued).is_suspended


def test_memory_ends_within_the_promised_five_seconds(issue: Issue) -> None:
    issued = issue()
    _grant(issued)
    ((until, _grant_kept),) = authentication._memory.values()
    assert 0 < until - time.monotonic() <= MEMORY_SECONDS <= 5


def test_memory_that_is_too_old_is_not_believed(issue: Issue) -> None:
    issued = issue()
    _grant(issued)
    ((key, (_until, kept)),) = authentication._memory.items()
    revoke_token(prefix=issued.token.prefix, origin=origin_at())
    assert _refusal(issued) is None
    authentication._memory[key] = (time.monotonic(), kept)
    assert _refusal(issued) is Refusal.REVOKED


def test_memory_is_bounded(issue: Issue) -> None:
    kept = _grant(issue())
    authentication._memory.update({number.to_bytes(32, "big"): (0.0, kept) for number in range(MEMORY_ENTRIES)})
    _grant(issue())
    assert len(authentication._memory) <= MEMORY_ENTRIES


def test_memory_does_not_hold_the_token(issue: Issue) -> None:
    issued = issue()
    _grant(issued)
    assert issued.text[19:62] not in repr(authentication._memory)


def test_dump_of_the_database_alone_opens_nothing(issue: Issue) -> None:
    """Another deployment over the same rows, even with a pepper of the same id, and the one that made them."""
    tokens = "\n".join(issue().text for _ in range(100))
    own = environment()["LABSNINJA_TOKEN_PEPPERS"]
    other = f"{own.partition(':')[0]}:{'5a' * 32}"
    assert (_count_opened(tokens, peppers=other), _count_opened(tokens, peppers=own)) == (0, 100)


def test_token_survives_a_change_of_pepper_while_the_old_one_is_kept(issue: Issue, settings: Settings) -> None:
    issued, old = issue(), settings.LABSNINJA_TOKEN_PEPPERS
    settings.LABSNINJA_TOKEN_PEPPERS = {"new": bytes(range(32)), **old}
    assert _refusal(issued) is None
    forget_grants()
    settings.LABSNINJA_TOKEN_PEPPERS = {"new": bytes(range(32))}
    assert _refusal(issued) is Refusal.UNKNOWN


def _count_opened(tokens: str, *, peppers: str) -> int:
    env = environment(LABSNINJA_TOKEN_PEPPERS=peppers)
    done = subprocess.run(
        [sys.executable, "-c", STRANGER], input=tokens, env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(json.loads(done.stdout))
