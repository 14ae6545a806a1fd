"""What a stream sends next: one message of events or checkpoints, in the stream's form."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from audit.export.cloud_events import CONTENT_TYPE, wrap_checkpoint, wrap_event
from audit.export.ocsf import map_event
from audit.notices import WEBHOOK_ACTIONS
from audit.reading.contents import Content
from audit.reading.sealed import read_sealed
from audit.streams.records import Kind, Stream
from labsninja.kernel.files import write_line
from labsninja.kernel.isolation import Scope

MOST, MOST_BYTES, MOST_CHECKPOINTS = 500, 256 * 1024, 100
CHECKPOINTS = """
SELECT size, note, signed_at FROM audit_checkpoint WHERE tenant_id = %s AND size > %s ORDER BY size LIMIT %s
"""
MAKERS: dict[str, Callable[[Content], dict[str, Any]]] = {
    "cloudevents": wrap_event,
    "ocsf": map_event,
    "jsonl": Content.as_json,
}
CONTENT_TYPES = {"cloudevents": CONTENT_TYPE, "ocsf": "application/json", "jsonl": "application/x-ndjson"}


@dataclass(frozen=True)
class Message:
    """What is sent, and where the stream stands when it has arrived. The id is the same when the same is sent again; of
    `count` events, none when all of them were dropped by retention or are none that the stream sends.
    """

    id: str
    body: bytes
    content_type: str
    count: int
    end: int


def read_message(*, scope: Scope, stream: Stream) -> Message | None:
    """The next message of a stream, None when there is nothing to send."""
    if stream.kind == Kind.CHECKPOINTS:
        items, end = _read_checkpoints(scope, stream)
    else:
        batch = read_sealed(scope=scope, first=stream.next, most=MOST, most_bytes=MOST_BYTES)
        chosen = [content for content in batch.contents if _is_wanted(stream, content)]
        items, end = [MAKERS[stream.form](content) for content in chosen], batch.end
    if end == stream.next:
        return None
    name = f"{stream.id}.{stream.next}-{end}"
    return Message(name, _encode(stream.form, items), CONTENT_TYPES[stream.form], len(items), end)


def _is_wanted(stream: Stream, content: Content) -> bool:
    return stream.kind != Kind.NOTICES or content.action in WEBHOOK_ACTIONS


def _read_checkpoints(scope: Scope, stream: Stream) -> tuple[list[dict[str, Any]], int]:
    rows = scope.execute(CHECKPOINTS, [scope.tenant_id, stream.next, MOST_CHECKPOINTS]).fetchall()
    wrapped = [wrap_checkpoint(tenant_id=scope.tenant_id, size=row[0], note=row[1], at=row[2]) for row in rows]
    items = [event["data"] for event in wrapped] if stream.form == "jsonl" else wrapped
    return items, rows[-1][0] if rows else stream.next


def _encode(form: str, items: Sequence[dict[str, Any]]) -> bytes:
    """Lines, or one array."""
    if form == "jsonl":
        return b"".join(map(write_line, items))
    return json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()
