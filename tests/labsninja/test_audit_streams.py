"""Streams on the command line, and sent by the ledger's own process, whatever becomes of it."""

import io
import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import Settings

from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.ledger import LEASE
from tenants.models import Tenant
from tests.audit.receivers import Hangup, Receiver, receiving
from tests.audit.telling import NOON, tell
from tests.labsninja.processes import environment, started, wait_for


@pytest.fixture(name="slug")
def _slug(tenant: UUID, settings: Settings) -> str:
    settings.LABSNINJA_OUTBOUND = {**settings.LABSNINJA_OUTBOUND, "private_networks": ["127.0.0.0/8"]}
    return str(Tenant.objects.get(id=tenant).slug)


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as receiver:
        yield receiver


def _say(*arguments: str) -> str:
    out = io.StringIO()
    with tenant_context(None):
        call_command("audit_streams", *arguments, stdout=out)
    return out.getvalue()


def _free_lease() -> None:
    """A ledger that was killed holds its lease for a while; the next one need not wait for that here."""
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE kernel_lease SET lease_until = clock_timestamp() WHERE name = %s", [LEASE])


def _sealed_ids() -> list[str]:
    with tenant_scope() as scope:
        statement = "SELECT event_id::text FROM audit_leaf WHERE tenant_id = %s ORDER BY leaf_index"
        return [row[0] for row in scope.execute(statement, [scope.tenant_id]).fetchall()]


def _is_all_sealed() -> bool:
    with tenant_scope() as scope:
        statement = "SELECT count(*) FROM audit_event WHERE tenant_id = %s"
        return int(scope.execute(statement, [scope.tenant_id]).fetchone()[0]) == len(_sealed_ids())


def test_stream_is_made_shown_changed_and_removed_by_commands(slug: str, receiver: Receiver) -> None:
    assert _say(slug) == "no streams\n"
    made = _say(slug, "create", receiver.url, "--form", "ocsf", "--header", "Authorization: Splunk abc", "--from-start")
    found = re.fullmatch(r"stream (\S+)\nsecret (whsec_\S+)\n", made)
    assert found
    assert f"{found[1]} running  events as ocsf to {receiver.url.partition('/hook')[0]}: at 0, " in _say(slug)
    assert "hook" not in _say(slug)
    assert " paused " in _say(slug, "pause", found[1])
    assert " running " in _say(slug, "resume", found[1])
    assert _say(slug, "rotate", found[1]).startswith("whsec_")
    assert _say(slug, "remove", found[1]) == "no streams\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "ftp://example.com/"), "https"),
        (("create", "https://example.com/", "--header", "nonsense"), "Name: value"),
        (("create", "https://example.com/", "--kind", "checkpoints", "--form", "ocsf"), "OCSF"),
        (("pause", str(UUID(int=1))), "no such stream"),
        (("replay", str(UUID(int=1)), "--from", "2026-11-01"), "no such stream"),
    ],
)
def test_mistake_is_told_in_a_sentence(slug: str, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        _say(slug, *arguments)


def test_killed_ledger_and_a_receiver_that_dies_lose_no_event(
    slug: str, tenant: UUID, receiver: Receiver, tmp_path: Path
) -> None:
    _say(slug, "create", receiver.url, "--from-start")
    env = environment(OWNER_DATABASE_URL="", LABSNINJA_OUTBOUND_PRIVATE_CIDRS="127.0.0.0/8")
    log, told = tmp_path / "log", 20
    receiver.answers = [204, Hangup, 503]
    _free_lease()
    with started(["manage.py", "ledger"], log=log, env=env) as ledger:
        for number in range(told):
            tell(id=f"u{number}", at=NOON + timedelta(seconds=number))
        wait_for(lambda: receiver.received, seconds=20, told_by=log)
        os.kill(ledger.pid, signal.SIGKILL)
        ledger.wait(10)
    tell(id="last")
    _free_lease()
    with started(["manage.py", "ledger"], log=log, env=env):
        wait_for(lambda: _is_all_sealed() and "nothing waiting" in _say(slug), seconds=20, told_by=log)
    assert list(dict.fromkeys(receiver.ids)) == _sealed_ids()
    _free_lease()
