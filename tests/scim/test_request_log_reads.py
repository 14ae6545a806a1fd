"""Reads stand in the audit history by the minute: how many, and a hash of their log rows."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from audit.actors import system_origin
from audit.models import AuditEvent
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.services import reads
from scim.services.reads import MOST_AT_ONCE, ReadsRecorder, close_minute, record_reads
from scim.services.request_log import flush_requests, note_request
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tests.scim.recorded import details_of, entry, events_of

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
MINUTE = timedelta(minutes=1)
COLUMNS = (
    *("id", "at", "token_prefix", "request_id", "method", "path", "query", "status", "outcome"),
    *("address", "resource_type", "resource_id"),
)


@pytest.fixture
def client(tenant: UUID) -> ScimClient:
    """A SCIM client of the bound tenant."""
    return create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))


def _note(client: ScimClient, *, at: datetime = NOON, **values: Any) -> None:
    note_request(entry=entry(client.tenant_id, **{"at": at, "scim_client_id": client.id, **values}))


def _record(tenant_id: UUID, until: datetime = NOON + MINUTE) -> int:
    flush_requests()
    return record_reads(tenant_id=tenant_id, until=until, origin=system_origin("ledger"))


def _events(tenant_id: UUID) -> list[AuditEvent]:
    return events_of(tenant_id, "scim.reads.recorded")


def test_event_counts_reads_by_method_and_outcome(client: ScimClient) -> None:
    for method, status in (("GET", 200), ("GET", 200), ("GET", 404), ("HEAD", 200)):
        _note(client, method=method, status=status)
    _note(client, method="POST", path="/scim/v2/Users/.search")
    _note(client, method="POST", path="/scim/v2/Users", status=201)
    _note(client, method="DELETE", status=204)
    assert _record(client.tenant_id) == 1
    (event,) = _events(client.tenant_id)
    details = details_of(event)
    assert (details["count"], details["minute"]) == (5, NOON.isoformat())
    assert details["counts"] == [
        {"method": "GET", "outcome": "done", "count": 2},
        {"method": "GET", "outcome": "refused", "count": 1},
        {"method": "HEAD", "outcome": "done", "count": 1},
        {"method": "POST", "outcome": "done", "count": 1},
    ]
    assert (event.target_type, event.target_id, event.target_display) == ("ScimClient", str(client.id), "Okta")


def test_hash_can_be_made_again_from_the_rows(client: ScimClient) -> None:
    for number in range(3):
        _note(client, at=NOON + timedelta(seconds=number, microseconds=7), query=f'filter=userName eq "\u00e9{number}"')
    _record(client.tenant_id)
    with tenant_scope() as scope:
        statement = f"SELECT {', '.join(COLUMNS)} FROM scim_request_log WHERE tenant_id = %s ORDER BY at, id"
        rows = scope.execute(statement, [client.tenant_id]).fetchall()
    lines = [json.dumps([_plain(value) for value in row], ensure_ascii=False) for row in rows]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert details_of(_events(client.tenant_id)[0])["sha256"] == digest


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return str(value) if isinstance(value, UUID) else value


def test_each_client_and_minute_has_its_event(client: ScimClient) -> None:
    other = create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=system_origin("test"))
    for minute in range(3):
        for each in (client, other):
            _note(each, at=NOON + minute * MINUTE + timedelta(seconds=59, milliseconds=999))
    assert _record(client.tenant_id, NOON + 2 * MINUTE) == 4
    assert _record(client.tenant_id, NOON + 3 * MINUTE) == 2
    told = [(event.target_display, details_of(event)["minute"]) for event in _events(client.tenant_id)]
    assert len(set(told)) == 6


def test_doubled_run_writes_no_second_event(client: ScimClient) -> None:
    _note(client)
    assert (_record(client.tenant_id), _record(client.tenant_id)) == (1, 0)


def test_two_ledgers_at_once_write_one_event(client: ScimClient) -> None:
    _note(client)
    flush_requests()
    done: list[int] = []
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait(10)
        done.append(_record(client.tenant_id))
        connections["default"].close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == [0, 0, 0, 1]
    assert len(_events(client.tenant_id)) == 1


def test_minute_without_reads_has_no_event(client: ScimClient) -> None:
    _note(client, method="POST", path="/scim/v2/Users", status=201)
    assert _record(client.tenant_id) == 0
    assert _events(client.tenant_id) == []


def test_reads_of_strangers_are_no_clients_reads(client: ScimClient) -> None:
    _note(client, scim_client_id=None, status=401)
    assert _record(client.tenant_id) == 0


def test_minute_is_closed_ten_seconds_after_its_end() -> None:
    assert close_minute(now=NOON + timedelta(seconds=69, milliseconds=999)) == NOON
    assert close_minute(now=NOON + timedelta(seconds=70)) == NOON + MINUTE


def test_open_minute_is_left_for_later(client: ScimClient) -> None:
    _note(client, at=NOON + MINUTE)
    assert _record(client.tenant_id) == 0
    assert _record(client.tenant_id, NOON + 2 * MINUTE) == 1


def test_pause_of_the_ledger_is_caught_up_with_in_steps(client: ScimClient) -> None:
    later = NOON + 3 * MOST_AT_ONCE
    for at in (NOON, later):
        _note(client, at=at)
    assert [_record(client.tenant_id, later + MINUTE) for _ in range(3)] == [1, 1, 0]


def test_recorder_goes_through_every_tenant_once_a_minute(client: ScimClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _note(client)
    flush_requests()
    monkeypatch.setattr(reads, "SECONDS_AT_ONCE", 60.0)
    recorder = ReadsRecorder()
    with tenant_context():
        assert recorder.record_some() >= 1
        assert recorder.record_some() == 0 or close_minute(now=datetime.now(UTC)) != recorder._until
    assert len(_events(client.tenant_id)) == 1
