"""What a search of the history looks like beside its events: facets that add a term, and when it all happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from audit.reading.summaries import Facets, build_histogram
from audit.reading.syntax import Field, Query
from portal.console.audit_terms import (
    MOST_BARS,
    add_term,
    choose_bucket,
    limit_span,
    link,
    make_term,
    narrow,
    remove_term,
)
from portal.shared.charts import Chart, Series, draw_chart

MOST_VALUES: Final = 8
TITLES: Final = {
    Field.ACTION: "Action",
    Field.ACTOR: "Actor",
    Field.TYPE: "Object type",
    Field.SURFACE: "Surface",
    Field.OUTCOME: "Outcome",
}


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how often, where a click leads, and whether it is asked for already."""

    value: str
    count: int
    address: str
    is_chosen: bool


def list_choices(facets: Facets, text: str) -> Sequence[tuple[str, Sequence[Choice]]]:
    """The most frequent values by facet."""
    found = []
    for field, title in TITLES.items():
        values = list(facets.values[field].items())[:MOST_VALUES]
        if values:
            found.append((title, [_choose(field, value, count, text) for value, count in values]))
    return found


def draw_histogram(query: Query, text: str, *, now: datetime) -> Chart | None:
    """Events over time, None where there are none; each bar's row leads to its events."""
    shown = limit_span(query, now=now)
    bucket = choose_bucket(shown, oldest=shown.since or now, now=now)
    found = build_histogram(query=shown, bucket=bucket)
    if not found.buckets:
        return None
    last = max(found.buckets)
    first = max(min(found.buckets), last - bucket * (MOST_BARS - 1))
    begins = [first + bucket * number for number in range((last - first) // bucket + 1)]
    form = "%H:%M" if bucket.days == 0 else "%d %b"
    counts = tuple(float(found.buckets.get(at, 0)) for at in begins)
    return draw_chart(
        title="Events",
        kind="bar",
        labels=[f"{at:{form}}" for at in begins],
        series=[Series("events", counts)],
        addresses=[link(narrow(text, at, at + bucket)) for at in begins],
    )


def _choose(field: Field, value: str, count: int, text: str) -> Choice:
    term = make_term(field, value)
    is_chosen = f" {term} " in f" {text} "
    return Choice(value, count, link(remove_term(text, term) if is_chosen else add_term(text, term)), is_chosen)
