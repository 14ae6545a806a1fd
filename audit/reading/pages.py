"""Pages of events, the newest first. A page begins beside an event and not at a number, so that what is told meanwhile
moves nothing, and any depth costs the same.

Without a time range all months are read at once, each from its newest event: one look into an index for each month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.core.signing import BadSignature, Signer

from audit.models import AuditEvent
from audit.reading.conditions import Conditions, build_conditions, search_scope
from audit.reading.contents import Content, read_contents
from audit.reading.syntax import Query
from labsninja.kernel.isolation import Scope, current_tenant

MOST, BATCH = 1_000, 500
COLUMNS = ", ".join(f"e.{name}" for name in (field.column for field in AuditEvent._meta.concrete_fields))
PAGE = "SELECT {columns} FROM {source} WHERE {where} ORDER BY {by}.at {order}, {by}.id {order} LIMIT {limit}"
Position = tuple[datetime, UUID]


class CursorError(Exception):
    """A cursor that was not given out for this query of this tenant."""


@dataclass(frozen=True)
class Page:
    """Events, the newest first. `older` and `newer` are cursors of the pages beside it, None where there is none."""

    events: Sequence[AuditEvent]
    contents: Sequence[Content]
    older: str | None
    newer: str | None


def read_page(*, query: Query, limit: int = 50, after: str | None = None, before: str | None = None) -> Page:
    """A page of the bound tenant: behind the cursor `after` (older events), before `before` (newer ones), or the first.

    Raises CursorError, SearchTooSlowError.
    """
    limit = max(1, min(limit, MOST))
    position = _open_cursor(after or before, query) if after or before else None
    is_backward = before is not None and after is None
    with search_scope() as scope:
        found = read_events(scope=scope, query=query, limit=limit + 1, position=position, is_rising=is_backward)
        has_more = len(found) > limit
        events = found[:limit][::-1] if is_backward else found[:limit]
        contents = read_contents(events)
    has_older, has_newer = (bool(events), has_more) if is_backward else (has_more, position is not None)
    return Page(
        events,
        contents,
        _seal_cursor(events[-1], query) if events and has_older else None,
        _seal_cursor(events[0], query) if events and has_newer else None,
    )


def read_events(
    *, scope: Scope, query: Query, limit: int, position: Position | None = None, is_rising: bool = False
) -> list[AuditEvent]:
    """So many events beside a position: the older ones downwards, or the newer ones upwards."""
    made = build_conditions(scope=scope, query=query)
    return list(AuditEvent.objects.raw(*compile_page(made, limit=limit, position=position, is_rising=is_rising)))


def compile_page(
    made: Conditions, *, limit: int, position: Position | None, is_rising: bool
) -> tuple[str, dict[str, object]]:
    """The statement of a page and its values."""
    order, sign = ("ASC", ">") if is_rising else ("DESC", "<")
    if position is not None:
        made.add_bound(f"{sign}=", position[0])
        beside = f"({made.hold(position[0])}::timestamptz, {made.hold(position[1])}::uuid)"
        made.where.append(f"({made.by}.at, {made.by}.id) {sign} {beside}")
    statement = PAGE.format(
        columns=COLUMNS,
        source=made.source,
        where=" AND ".join(made.where),
        by=made.by,
        order=order,
        limit=made.hold(limit),
    )
    return statement, made.values


def walk_contents(*, query: Query) -> Iterator[list[Content]]:
    """Everything that a query finds, the oldest first, a batch a transaction: for exports of any size."""
    position: Position | None = None
    while True:
        with search_scope() as scope:
            found = read_events(scope=scope, query=query, limit=BATCH, position=position, is_rising=True)
            contents = read_contents(found)
        if contents:
            yield contents
        if len(found) < BATCH:
            return
        position = (found[-1].at, found[-1].id)


def _digest(query: Query) -> str:
    return sha256(repr(query).encode()).hexdigest()[:16]


def _signer() -> Signer:
    return Signer(salt=f"audit.page.{current_tenant()}")


def _seal_cursor(event: AuditEvent, query: Query) -> str:
    return _signer().sign_object([event.at.isoformat(), str(event.id), _digest(query)], compress=True)


def _open_cursor(text: str | None, query: Query) -> Position:
    try:
        at, event_id, digest = _signer().unsign_object(text or "")
        if digest != _digest(query):
            raise CursorError("the cursor belongs to another query")
        return datetime.fromisoformat(at), UUID(event_id)
    except (BadSignature, ValueError, TypeError):
        raise CursorError("the cursor was not given out here") from None
