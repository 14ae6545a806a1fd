"""When a token was last used: written by a thread of its own, at most once a minute."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connections

from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import ClientToken
from tenants.services import last_use
from tenants.services.authentication import Grant, authenticate_token
from tenants.services.last_use import INTERVAL_SECONDS, flush_uses, note_use
from tenants.services.tokens import IssuedToken
from tests.labsninja.processes import wait_for
from tests.tenants.conftest import Issue

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def used(issue: Issue) -> tuple[IssuedToken, Grant]:
    """A token, and its grant."""
    issued = issue()
    return issued, authenticate_token(text=issued.text, address="192.0.2.1", now=datetime.now(UTC))


def _last_use(issued: IssuedToken) -> tuple[datetime | None, str, str]:
    with tenant_scope():
        found = ClientToken.objects.get(id=issued.token.id)
    return found.last_used_at, found.last_used_address, found.last_used_agent


def _note(grant: Grant, *, minutes: int = 0, address: str = "192.0.2.1") -> None:
    note_use(grant=grant, at=NOON + timedelta(minutes=minutes), address=address, user_agent="Okta")


def test_first_use_is_written_within_seconds_and_the_next_waits(used: tuple[IssuedToken, Grant]) -> None:
    issued, grant = used
    _note(grant)
    assert wait_for(lambda: _last_use(issued)[0], seconds=30) == NOON
    for number in range(1_000):
        _note(grant, minutes=number)
    time.sleep(2 * last_use.TICK_SECONDS + 0.2)
    assert _last_use(issued) == (NOON, "192.0.2.1", "Okta")


def test_newest_of_many_uses_is_written_when_its_minute_is_over(used: tuple[IssuedToken, Grant]) -> None:
    issued, grant = used
    last_use._written[grant.token_id] = time.monotonic()
    _note(grant, minutes=1, address="192.0.2.7")
    _note(grant, minutes=2, address="192.0.2.8")
    flush_uses()
    assert _last_use(issued)[0] is None
    last_use._written[grant.token_id] -= INTERVAL_SECONDS
    wait_for(lambda: _last_use(issued)[0], seconds=30)
    assert _last_use(issued) == (NOON + timedelta(minutes=2), "192.0.2.8", "Okta")


def test_flush_at_once_writes_what_is_not_due(used: tuple[IssuedToken, Grant]) -> None:
    issued, grant = used
    last_use._written[grant.token_id] = time.monotonic()
    _note(grant)
    with tenant_context():
        flush_uses(at_once=True)
    assert _last_use(issued)[0] == NOON


def test_use_is_kept_while_the_database_is_away(used: tuple[IssuedToken, Grant]) -> None:
    issued, grant = used
    last_use._written[grant.token_id] = time.monotonic()
    _note(grant)
    with connections["default"].cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError):
        flush_uses(at_once=True)
    connections["default"].close()
    flush_uses(at_once=True)
    assert _last_use(issued)[0] == NOON


def test_interval_is_a_minute() -> None:
    assert INTERVAL_SECONDS == 60


def test_endless_address_and_agent_are_cut(used: tuple[IssuedToken, Grant]) -> None:
    issued, grant = used
    note_use(grant=grant, at=NOON, address="f" * 1_000, user_agent="M" * 10_000)
    flush_uses(at_once=True)
    wait_for(lambda: _last_use(issued)[0], seconds=30)
    assert [len(text) for text in _last_use(issued)[1:]] == [50, 500]
