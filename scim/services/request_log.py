"""The request log: every SCIM request, kept in the process and written a second later by a thread of its own.

Never in the request's transaction, never slowing or failing a request. The buffer is bounded; what it cannot take is
counted and shown as a row. A kill -9 may lose one second of it.
"""

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections

from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from scim.services.denials import flush_denials, note_denial
from scim.services.request_counts import count_requests
from scim.services.request_entries import RequestEntry, make_overflow_row, make_row, prepare_entry
from scim.store.request_log import add_warnings, insert_requests

TICK_SECONDS = 1.0
MOST_ENTRIES, MOST_BYTES = 10_000, 32 * 1024 * 1024
MOST_STRANGERS = 200  # a tick: requests without a genuine token must not fill the disk
ROWS_A_STATEMENT = 200
AWAY = (OperationalError, InterfaceError)
logger = logging.getLogger(__name__)


class Buffer:
    """Entries that wait to be written, and by tenant how many there was no room for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[RequestEntry] = []
        self._weight = self._strangers = 0
        self._lost: Counter[UUID] = Counter()

    def add(self, entry: RequestEntry) -> None:
        with self._lock:
            is_stranger = entry.tenant_id == DEPLOYMENT_TENANT_ID
            has_room = len(self._entries) < MOST_ENTRIES and self._weight + entry.weight <= MOST_BYTES
            if not has_room or (is_stranger and self._strangers >= MOST_STRANGERS):
                self._lost[entry.tenant_id] += 1
                return
            self._entries.append(entry)
            self._weight += entry.weight
            self._strangers += is_stranger

    def drain(self) -> tuple[list[RequestEntry], Counter[UUID]]:
        """All of it; the buffer is empty then."""
        with self._lock:
            drained = self._entries, self._lost
            self._entries, self._lost, self._weight, self._strangers = [], Counter(), 0, 0
        return drained

    def put_back(self, entries: Sequence[RequestEntry], lost: Counter[UUID]) -> None:
        """What could not be written, as far as there is room."""
        for entry in entries:
            self.add(entry)
        with self._lock:
            self._lost.update(lost)


_buffer = Buffer()
_flushing = threading.Lock()
_writers: list[threading.Thread] = []  # one a process
_starting = threading.Lock()


def note_request(*, entry: RequestEntry) -> None:
    """Remember a request that has ended; a thread writes it soon. Costs no statement and raises nothing of ours."""
    _buffer.add(prepare_entry(entry=entry))
    if entry.denied:
        note_denial(entry=entry)
    if not _writers:
        _start_writer()


def flush_requests(*, at_once: bool = False) -> int:
    """Write what is remembered; denials that wait for their minute only when `at_once`. Gives how many rows.

    Raises django.db's OperationalError or InterfaceError when the database is away; everything is kept then.
    """
    with _flushing:
        written = _write_all(*_buffer.drain())
        flush_denials(at_once=at_once)
    return written


def _write_all(entries: list[RequestEntry], lost: Counter[UUID]) -> int:
    by_tenant: dict[UUID, list[RequestEntry]] = {tenant_id: [] for tenant_id in lost}
    for entry in entries:
        by_tenant.setdefault(entry.tenant_id, []).append(entry)
    written = 0
    while by_tenant:
        tenant_id, group = by_tenant.popitem()
        try:
            written += _write_group(tenant_id, group, lost.pop(tenant_id, 0))
        except AWAY:
            _buffer.put_back([*group, *(entry for rest in by_tenant.values() for entry in rest)], lost)
            raise
        except Exception:  # a tenant's rows that cannot be written must not cost the others theirs
            logger.exception("%s rows of the request log were not written", len(group))
            _buffer.put_back((), Counter({tenant_id: len(group)}))
    return written


def _write_group(tenant_id: UUID, group: Sequence[RequestEntry], lost: int) -> int:
    if lost:
        logger.warning("%s requests of a tenant were not logged: there was no room", lost)
    with tenant_context(tenant_id):
        return write_requests(entries=group, lost=lost)


def write_requests(*, entries: Sequence[RequestEntry], lost: int = 0) -> int:
    """Write the bound tenant's requests, with warnings and counts; in the open scope where there is one. Gives how
    many.
    """
    rows = [make_row(entry=entry) for entry in entries]
    if lost:
        rows.append(make_overflow_row(lost=lost))
    with tenant_scope():
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            insert_requests(rows=rows[start : start + ROWS_A_STATEMENT])
        add_warnings(counts=_count_warnings(entries))
        count_requests(entries=entries)
    return len(rows)


def _count_warnings(group: Sequence[RequestEntry]) -> dict[tuple[UUID, str], tuple[int, datetime]]:
    counts: dict[tuple[UUID, str], tuple[int, datetime]] = {}
    earned = ((entry.scim_client_id, code, entry.at) for entry in group for code in entry.warnings)
    for scim_client_id, code, at in earned:
        if scim_client_id is not None:
            before, newest = counts.get((scim_client_id, code), (0, at))
            counts[scim_client_id, code] = before + 1, max(newest, at)
    return counts


def _start_writer() -> None:
    with _starting:
        if not _writers:
            _writers.append(threading.Thread(target=_write_forever, name="request-log", daemon=True))
            _writers[0].start()
            atexit.register(_write_now, at_once=True)


def _write_forever() -> None:
    while True:
        time.sleep(TICK_SECONDS)
        _write_now()


def _write_now(*, at_once: bool = False) -> None:
    try:
        flush_requests(at_once=at_once)
    except AWAY as error:
        logger.warning("the request log waits for the database: %s", error)
        connections["default"].close()
    except Exception:  # the thread must live on: there is one a process
        logger.exception("the request log was not written")
