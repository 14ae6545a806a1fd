"""Denied attempts as audit events: at most one a minute for a token (or an address, without a genuine one) and reason,
with how often it was tried. Written by the request log's thread.
"""

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from audit.actions import Action, Outcome
from audit.actors import Actor, ActorKind, Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.redaction import keep_text
from scim.services.request_entries import RequestEntry

INTERVAL_SECONDS = 60.0
MOST_KEYS = 1_000  # beyond that, callers are no longer told apart within their tenant
MANY = "many callers"
Key = tuple[UUID, str, str]


@dataclass
class Denial:
    """Attempts since the last event; `entry` is the first of them."""

    entry: RequestEntry
    count: int = 0


_denials: dict[Key, Denial] = {}
_told: dict[Key, float] = {}
_lock = threading.Lock()


def note_denial(*, entry: RequestEntry) -> None:
    """Count a denied attempt; the first is told by the next flush, later ones when their minute is over."""
    caller = entry.token_prefix if entry.scim_client_id else entry.address
    key = (entry.tenant_id, caller, entry.denied)
    with _lock:
        if key not in _denials and len({*_denials, *_told}) >= MOST_KEYS:
            key = (entry.tenant_id, MANY, entry.denied)
        _denials.setdefault(key, Denial(entry)).count += 1


def flush_denials(*, at_once: bool = False) -> int:
    """Write the events that are due, all when `at_once`. Gives how many.

    Raises django.db.Error when one cannot be written; it is kept.
    """
    written = 0
    while (due := _take_due(at_once=at_once)) is not None:
        key, denial = due
        try:
            _record(denial)
        except BaseException:
            _give_back(key, denial)
            raise
        written += 1
    return written


def _take_due(*, at_once: bool) -> tuple[Key, Denial] | None:
    now = time.monotonic()
    with _lock:
        for key in [key for key, at in _told.items() if at <= now - INTERVAL_SECONDS]:
            del _told[key]
        for key in _denials:
            if at_once or key not in _told:
                _told[key] = now
                return key, _denials.pop(key)
    return None


def _give_back(key: Key, denial: Denial) -> None:
    with _lock:
        _told.pop(key, None)
        if key in _denials:
            denial.count += _denials[key].count
        _denials[key] = denial


def _record(denial: Denial) -> None:
    entry = denial.entry
    path = keep_text(text=entry.path)
    details = {"reason": entry.denied, "method": entry.method, "path": path, "count": denial.count}
    target = Target("Endpoint", path, f"{entry.method} {path}")
    event = Event(Action.ACCESS_DENIED, target, Outcome.DENIED, details=details)
    with tenant_context(entry.tenant_id), tenant_scope():
        record_event(event=event, origin=_origin(entry))


def _origin(entry: RequestEntry) -> Origin:
    kind = ActorKind.SCIM_CLIENT if entry.scim_client_id else ActorKind.ANONYMOUS
    actor = Actor(kind, str(entry.scim_client_id or ""), entry.client_name, entry.token_prefix)
    return Origin(actor, "scim", entry.at, entry.request_id, entry.address, keep_text(text=entry.user_agent))
