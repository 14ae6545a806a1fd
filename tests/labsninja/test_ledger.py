"""The ledger process: one is on duty, others stand by, and nothing that happens to one stops the work for long."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from uuid import UUID, uuid4

import pytest
from django.db import connections

from audit.actors import system_origin
from audit.queries import list_events_of
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.ledger import DUTIES, LEASE, LEASE_SECONDS, MONTHS_AHEAD, prepare_partitions
from scim.queries.feed import read_feed
from scim.store.changes import Step, append_change
from scim.store.resources import LookupColumns, StoredResource, insert_resource
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token, rotate_token
from tests.labsninja.processes import environment, started, wait_for

Process = Popen[bytes]


@pytest.fixture
def start(database: None, tmp_path: Path) -> Iterator[Callable[[], Process]]:
    """Starts a ledger; none holds the lease before."""
    _run("UPDATE kernel_lease SET lease_until = clock_timestamp() WHERE name = %s", [LEASE])
    env = environment(OWNER_DATABASE_URL="")
    with ExitStack() as processes:
        yield lambda: processes.enter_context(started(["manage.py", "ledger"], log=tmp_path / "log", env=env))
    _run("UPDATE kernel_lease SET lease_until = clock_timestamp() WHERE name = %s", [LEASE])


@pytest.fixture
def rotate(make_tenant: Callable[[], UUID]) -> Callable[[], Callable[[], bool]]:
    """Makes a rotated token whose overlap is over, and gives the question whether the ledger has retired it."""

    def make() -> Callable[[], bool]:
        origin, tenant_id = system_origin("test"), make_tenant()
        with tenant_context(tenant_id):
            client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=origin)
            token = issue_token(scim_client=client, scopes=SCOPES, origin=origin).token
            rotate_token(prefix=token.prefix, origin=origin, overlap=timedelta(0))

        def is_retired() -> bool:
            with tenant_context(tenant_id):
                return [event.actor_label for event in list_events_of(target_id=token.id)][2:] == ["ledger"]

        return is_retired

    return make


def _run(statement: str, parameters: list[str]) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)


def _holder() -> int:
    """Process id of the ledger on duty, 0 without one."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT owner FROM kernel_lease WHERE name = %s AND lease_until > clock_timestamp()", [LEASE])
        row = cursor.fetchone()
    return int(row[0].rpartition(":")[2]) if row else 0


def test_successor_takes_over_from_a_killed_ledger_and_one_that_leaves_makes_room_at_once(
    start: Callable[[], Process], rotate: Callable[[], Callable[[], bool]], tmp_path: Path
) -> None:
    log, first_retired = tmp_path / "log", rotate()
    first = start()
    wait_for(lambda: _holder() == first.pid, seconds=15, told_by=log)
    wait_for(first_retired, seconds=8, told_by=log)

    second = start()
    time.sleep(4)
    assert (_holder(), second.poll()) == (first.pid, None)

    second_retired = rotate()
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: _holder() == second.pid, seconds=LEASE_SECONDS + 4, told_by=log)
    wait_for(second_retired, seconds=8, told_by=log)

    second.send_signal(signal.SIGTERM)
    assert second.wait(LEASE_SECONDS - 5) == 0
    assert _holder() == 0


def test_partitions_of_the_months_ahead_are_there(database: None) -> None:
    prepare_partitions()
    now = datetime.now(UTC)
    months = [divmod(now.year * 12 + now.month - 1 + ahead, 12) for ahead in range(MONTHS_AHEAD + 1)]
    with connections["default"].cursor() as cursor:
        for year, month in months:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"audit_event_{year}_{month + 1:02}"])
            assert cursor.fetchone() == (True,)
    assert prepare_partitions() == 0


def test_duties_are_known_by_name() -> None:
    assert [duty.name for duty in DUTIES] == [
        *("audit partitions", "audit retention", "request log partitions", "request log retention"),
        *("rotated tokens", "ended access tokens", "deleted tenants", "ended sessions"),
        *("alerts", "request counts"),
        *("reads", "arrivals", "page anchors", "indexes", "holds", "trash"),
    ]


def test_ledger_numbers_the_feed(start: Callable[[], Process], tenant: UUID, tmp_path: Path) -> None:
    start()
    now, made = datetime.now(UTC), uuid4()
    with tenant_scope():
        person = StoredResource(made, "User", '{"userName":"ada"}', 1, now, now)
        insert_resource(person, lookup=LookupColumns(user_name="ada"), scim_client_id=None)
        append_change(Step(made, "User", 1, "created", now, None, "{}"), actor_id="test", request_id="test")

    def is_numbered() -> bool:
        return [entry.number for entry in read_feed(after=0, limit=10, revision=0).entries] == [1]

    wait_for(is_numbered, seconds=20, told_by=tmp_path / "log")
