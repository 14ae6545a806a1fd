"""The request log's buffer and thread: bounded, aside from every request, and patient with the database."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_scope
from scim.services import request_log
from scim.services.denials import flush_denials
from scim.services.request_log import flush_requests, note_request
from tests.labsninja.processes import wait_for
from tests.scim.recorded import entry, rows_of


@pytest.fixture(autouse=True)
def settled(database: None) -> Iterator[None]:
    """Nothing waits to be written when a test begins."""
    flush_requests(at_once=True)
    yield
    flush_requests(at_once=True)


def test_thread_writes_within_seconds_and_nobody_waits_for_it(tenant: UUID) -> None:
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connections["default"].execute_wrapper(note):
        note_request(entry=entry(tenant))
    assert asked == []

    def is_written() -> bool:
        with tenant_scope() as scope:
            found = scope.execute("SELECT count(*) FROM scim_request_log WHERE tenant_id = %s", [tenant]).fetchone()
        return bool(found[0])

    wait_for(is_written, seconds=3)


def test_what_the_buffer_cannot_take_is_counted_and_shown(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "MOST_ENTRIES", 3)
    with request_log._flushing:  # the thread waits
        for _ in range(10):
            note_request(entry=entry(tenant))
    rows = rows_of(tenant)
    assert [row["outcome"] for row in rows] == ["done"] * 3 + ["overflow"]
    assert rows[-1]["detail"] == "7 requests were not logged"


def test_buffer_is_bounded_in_bytes_too(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "MOST_BYTES", 100_000)
    with request_log._flushing:
        for _ in range(10):
            note_request(entry=entry(tenant, request_body=b'"' + b"x" * 40_000 + b'"'))
    assert [row["outcome"] for row in rows_of(tenant)] == ["done"] * 2 + ["overflow"]


def test_strangers_cannot_crowd_out_tenants(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "MOST_STRANGERS", 5)
    before = len(rows_of(DEPLOYMENT_TENANT_ID))
    with request_log._flushing:
        for _ in range(50):
            note_request(entry=entry(DEPLOYMENT_TENANT_ID))
        note_request(entry=entry(tenant))
    assert len(rows_of(tenant)) == 1
    assert len(rows_of(DEPLOYMENT_TENANT_ID)) == before + 6  # and the row that tells of the 45


def test_outage_of_the_database_loses_nothing_and_no_request_fails(tenant: UUID) -> None:
    for number in range(3):
        note_request(entry=entry(tenant, path=f"/{number}"))
    with request_log._flushing:
        entries, lost = request_log._buffer.drain()
        connections["default"].ensure_connection()
        connections["default"].connection.pgconn.finish()  # as if the server had gone
        with pytest.raises(request_log.AWAY):
            request_log._write_all(entries, lost)
    connections["default"].close()
    assert [row["path"] for row in rows_of(tenant)] == ["/0", "/1", "/2"]


def test_flush_of_nothing_asks_the_database_nothing(database: None) -> None:
    flush_denials(at_once=True)
    flush_requests()
    with connections["default"].execute_wrapper(lambda *_: pytest.fail("a statement")):
        assert flush_requests() == 0
