"""The four charts of a health page, from what was counted: requests, error rate, time taken, rate limit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from audit.models import AuditEvent
from audit.presenters import describe_event
from portal.shared.charts import Chart, Note, Series, draw_chart
from scim.queries.traffic import OUTCOMES, Range, Tally, Traffic

COLORS = {"done": 1, "refused": 4, "denied": 3, "limited": 5, "failed": 2}
LAST_ID = UUID(int=(1 << 128) - 1)


def draw_charts(
    traffic: Traffic, *, chosen: Range, events: Sequence[AuditEvent], scim_client_id: UUID | None
) -> Sequence[Chart]:
    """Each with the same notes, and with rows that lead to the requests of their time."""
    bins = traffic.by_bin()
    labels = [_label(at, chosen) for at in traffic.bins]
    known: dict[str, Any] = {
        "labels": labels,
        "notes": _place(events, traffic.bins, chosen),
        "addresses": [_link(at + chosen.step, scim_client_id) for at in traffic.bins],
    }
    by_outcome = [Series(name, tuple(each.outcomes.get(name, 0) for each in bins), COLORS[name]) for name in OUTCOMES]
    rates = Series("error rate", tuple(round(each.error_rate, 2) if each.total else None for each in bins), 2)
    times = (Series("p50", _times(bins, "p50"), 1), Series("p95", _times(bins, "p95"), 3))
    hits = Series("turned away", tuple(each.limited for each in bins), 5)
    return (
        draw_chart(title="Requests by outcome", kind="bar", series=by_outcome, **known),
        draw_chart(title="Error rate in percent", kind="line", series=(rates,), unit=" %", **known),
        draw_chart(title="Milliseconds taken", kind="line", series=times, unit=" ms", **known),
        draw_chart(title="Rate limit", kind="bar", series=(hits,), **known),
    )


def _times(bins: Sequence[Tally], name: str) -> tuple[float | None, ...]:
    found = (getattr(each, name) for each in bins)
    return tuple(None if value is None else round(value, 1) for value in found)


def _label(at: datetime, chosen: Range) -> str:
    return f"{at:%H:%M}" if chosen.span.days <= 1 else f"{at:%b} {at.day} {at:%H}h"


def _place(events: Sequence[AuditEvent], bins: Sequence[datetime], chosen: Range) -> Sequence[Note]:
    placed = ((int((event.at - bins[0]) // chosen.step), event) for event in events)
    return [Note(index, describe_event(event)) for index, event in placed if 0 <= index < len(bins)]


def _link(until: datetime, scim_client_id: UUID | None) -> str:
    """The requests from the end of a bin backwards."""
    kept = {"client": scim_client_id} if scim_client_id else {}
    return f"{reverse('console:requests')}?{urlencode({**kept, 'from': f'{until.isoformat()} {LAST_ID}'})}"
