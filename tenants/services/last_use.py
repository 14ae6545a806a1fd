"""When and from where a token was last used: kept in the process and written by a thread of its own, at most once a
minute per token, so that no answer waits for it. A kill -9 may lose a minute of it.
"""

import atexit
import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import Error, InterfaceError, OperationalError, connections

from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import ClientToken
from tenants.services.authentication import Grant

TICK_SECONDS, INTERVAL_SECONDS = 1.0, 60.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Use:
    """One use of a token."""

    tenant_id: UUID
    at: datetime
    address: str
    user_agent: str


_uses: dict[UUID, Use] = {}
_written: dict[UUID, float] = {}
_lock = threading.Lock()
_writers: list[threading.Thread] = []  # one a process


def note_use(*, grant: Grant, at: datetime, address: str, user_agent: str) -> None:
    """Remember the newest use of a token; a thread writes it soon."""
    _uses[grant.token_id] = Use(grant.tenant_id, at, address, user_agent)
    if not _writers:
        _start_writer()


def flush_uses(*, at_once: bool = False) -> int:
    """Write the remembered uses that are due, all of them when `at_once`. Gives how many tokens were written.

    Raises what the database raises; a use that could not be written because it is away is kept.
    """
    before = time.monotonic() - INTERVAL_SECONDS
    for token_id in [token_id for token_id, at in list(_written.items()) if at <= before and token_id not in _uses]:
        del _written[token_id]
    due = [token_id for token_id in list(_uses) if at_once or _written.get(token_id, before) <= before]
    for token_id in due:
        use = _uses.pop(token_id, None)
        if use is not None:  # else the other of thread and exit handler has it
            _write_or_keep(token_id, use)
    return len(due)


def _write_or_keep(token_id: UUID, use: Use) -> None:
    _written[token_id] = time.monotonic()
    try:
        _write_use(token_id, use)
    except (OperationalError, InterfaceError):  # the database is away
        _uses.setdefault(token_id, use)  # unless it has been used again meanwhile
        _written.pop(token_id, None)
        raise


def _write_use(token_id: UUID, use: Use) -> None:
    with tenant_context(use.tenant_id), tenant_scope():
        ClientToken.objects.filter(id=token_id).update(
            last_used_at=use.at, last_used_address=use.address[:50], last_used_agent=use.user_agent[:500]
        )


def _start_writer() -> None:
    with _lock:
        if not _writers:
            _writers.append(threading.Thread(target=_write_forever, name="last-use", daemon=True))
            _writers[0].start()
            atexit.register(_write_rest)


def _write_forever() -> None:
    while True:
        time.sleep(TICK_SECONDS)
        _write_rest(at_once=False)


def _write_rest(*, at_once: bool = True) -> None:
    try:
        flush_uses(at_once=at_once)
    except Error as error:
        logger.warning("last use of a token was not written: %s", error)
        connections["default"].close()
    except Exception:  # the thread must live on: there is one a process
        logger.exception("last use of a token was not written")
