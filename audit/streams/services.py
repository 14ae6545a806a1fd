"""What people do with streams, each deed with its event: make, pause, resume, replay, give a new secret, remove.

A stream that begins sends what is sealed from then on, or everything with `is_from_start`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import uuid_utils.compat
from django.conf import settings

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from audit.streams.records import Destination, Kind, State, Stream, open_destination, read_streams
from labsninja.kernel.isolation import Scope, tenant_scope
from labsninja.kernel.outbound import OutboundRefusedError, build_policy
from labsninja.kernel.outbound.client import OUR_HEADERS
from labsninja.kernel.outbound.signatures import make_secret
from labsninja.kernel.outbound.targets import parse_target

MOST = 10
NAME, VALUE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), re.compile(r"[\x20-\x7e]{1,4096}")  # RFC 9110 section 5
TAKEN = {"content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature"}
INSERT = """
INSERT INTO audit_stream (tenant_id, id, kind, form, place, sealed, state, next, created_at)
SELECT %(tenant)s, %(id)s, %(kind)s, %(form)s, %(place)s, %(sealed)s, 'running',
       CASE WHEN %(whole)s THEN 0 ELSE coalesce(
           (SELECT size FROM audit_checkpoint WHERE tenant_id = %(tenant)s ORDER BY size DESC LIMIT 1), 0) END, %(at)s
"""
SET_STATE = """
UPDATE audit_stream SET state = %s, failures = 0, next_attempt_at = clock_timestamp(), last_error = ''
WHERE tenant_id = %s AND id = %s
"""
REPLAY = """
UPDATE audit_stream SET next = %s, failures = 0, next_attempt_at = clock_timestamp() WHERE tenant_id = %s AND id = %s
"""
# Events are sealed in the order of their commits, nearly that of their times: behind the first one of a time lie all
# later ones, among some that are older.
FIRST = {
    Kind.EVENTS: "SELECT min(leaf_index) FROM audit_leaf WHERE tenant_id = %s AND event_at >= %s",
    Kind.NOTICES: "SELECT min(leaf_index) FROM audit_leaf WHERE tenant_id = %s AND event_at >= %s",
    Kind.CHECKPOINTS: "SELECT min(size) - 1 FROM audit_checkpoint WHERE tenant_id = %s AND signed_at >= %s",
}
RESEAL = "UPDATE audit_stream SET sealed = %s WHERE tenant_id = %s AND id = %s"
REMOVE = "DELETE FROM audit_stream WHERE tenant_id = %s AND id = %s"


class StreamError(Exception):
    """Base of what cannot be done with streams."""


class UnknownStreamError(StreamError):
    """The tenant has no such stream."""


class StreamRefusedError(StreamError):
    """The stream as it is asked for cannot be."""


@dataclass(frozen=True)
class NewStream:
    """The secret is shown once."""

    id: UUID
    secret: str


def create_stream(
    *,
    url: str,
    kind: Kind,
    form: str,
    origin: Origin,
    headers: dict[str, str] | None = None,
    is_from_start: bool = False,
) -> NewStream:
    """A running stream of the bound tenant. Raises StreamRefusedError."""
    place = _check(url, kind, form)
    _check_headers(headers or {})
    stream_id, secret = uuid_utils.compat.uuid7(), make_secret()
    with tenant_scope() as scope:
        if len(read_streams(scope=scope)) >= MOST:
            raise StreamRefusedError(f"a tenant has at most {MOST} streams")
        sealed = Destination(url, [secret], headers or {}).seal(scope.tenant_id, stream_id)
        values = {"tenant": scope.tenant_id, "id": stream_id, "kind": kind, "form": form, "place": place}
        scope.execute(INSERT, values | {"sealed": sealed, "whole": is_from_start, "at": origin.at})
        _record(Action.STREAM_CREATED, stream_id, place, origin, {"kind": str(kind), "form": form})
    return NewStream(stream_id, secret)


def pause_stream(*, stream_id: UUID, origin: Origin) -> None:
    """Raises UnknownStreamError."""
    _set_state(stream_id, State.PAUSED, Action.STREAM_PAUSED, origin)


def resume_stream(*, stream_id: UUID, origin: Origin) -> None:
    """Go on where it paused or stopped, at once. Raises UnknownStreamError."""
    _set_state(stream_id, State.RUNNING, Action.STREAM_RESUMED, origin)


def replay_stream(*, stream_id: UUID, since: datetime, origin: Origin) -> int:
    """Send everything from a time on once more; gives the leaf or checkpoint where that begins.

    Raises UnknownStreamError, StreamRefusedError when nothing is that young.
    """
    with tenant_scope() as scope:
        stream = find_stream(scope=scope, stream_id=stream_id)
        first = scope.execute(FIRST[Kind(stream.kind)], [scope.tenant_id, since]).fetchone()[0]
        if first is None:
            raise StreamRefusedError("nothing has been sealed since then")
        scope.execute(REPLAY, [first, scope.tenant_id, stream_id])
        _record(Action.STREAM_REPLAYED, stream_id, stream.place, origin, {"since": since.isoformat(), "next": first})
    return int(first)


def rotate_stream_secret(*, stream_id: UUID, origin: Origin) -> str:
    """A new secret, shown once. The one before it signs too until the next rotation. Raises UnknownStreamError."""
    secret = make_secret()
    with tenant_scope() as scope:
        stream = find_stream(scope=scope, stream_id=stream_id)
        old = open_destination(scope=scope, stream_id=stream_id)
        sealed = Destination(old.url, [secret, old.secrets[0]], old.headers).seal(scope.tenant_id, stream_id)
        scope.execute(RESEAL, [sealed, scope.tenant_id, stream_id])
        _record(Action.STREAM_SECRET_ROTATED, stream_id, stream.place, origin)
    return secret


def remove_stream(*, stream_id: UUID, origin: Origin) -> None:
    """Raises UnknownStreamError."""
    with tenant_scope() as scope:
        stream = find_stream(scope=scope, stream_id=stream_id)
        scope.execute(REMOVE, [scope.tenant_id, stream_id])
        _record(Action.STREAM_REMOVED, stream_id, stream.place, origin)


def list_streams() -> list[Stream]:
    """The bound tenant's streams."""
    with tenant_scope() as scope:
        return read_streams(scope=scope)


def find_stream(*, scope: Scope, stream_id: UUID) -> Stream:
    """Raises UnknownStreamError."""
    for stream in read_streams(scope=scope):
        if stream.id == stream_id:
            return stream
    raise UnknownStreamError("the tenant has no such stream")


def _check(url: str, kind: Kind, form: str) -> str:
    """The part of the URL that may be shown."""
    if kind is Kind.CHECKPOINTS and form == "ocsf":
        raise StreamRefusedError("OCSF has no form for checkpoints: cloudevents or jsonl")
    try:
        target = parse_target(url=url, policy=build_policy(settings.LABSNINJA_OUTBOUND))
    except OutboundRefusedError as error:
        raise StreamRefusedError(str(error)) from error
    return f"{target.url.scheme}://{target.url.netloc.decode('ascii')}"


def _check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if not NAME.fullmatch(name) or not VALUE.fullmatch(value):
            raise StreamRefusedError("a header has characters that HTTP does not allow")
        if name.lower() in TAKEN | OUR_HEADERS:
            raise StreamRefusedError(f"the header {name} cannot be set")


def _set_state(stream_id: UUID, state: State, action: Action, origin: Origin) -> None:
    with tenant_scope() as scope:
        stream = find_stream(scope=scope, stream_id=stream_id)
        scope.execute(SET_STATE, [state, scope.tenant_id, stream_id])
        _record(action, stream_id, stream.place, origin)


def _record(
    action: Action, stream_id: UUID, place: str, origin: Origin, details: dict[str, object] | None = None
) -> None:
    record_event(event=Event(action, Target("Stream", str(stream_id), place), details=details or {}), origin=origin)
