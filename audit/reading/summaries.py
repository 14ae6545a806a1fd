"""What a query finds in numbers: a count, facets, a histogram. Each looks at a bounded number of events, the newest,
and says when there are more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audit.reading.conditions import Conditions, build_conditions, search_scope
from audit.reading.syntax import Query

MOST_COUNTED, MOST_IN_FACETS, MOST_IN_HISTOGRAM = 10_000, 10_000, 100_000
FOUND = "SELECT {columns} FROM {source} WHERE {where} ORDER BY {by}.at DESC, {by}.id DESC LIMIT {limit}"
COUNT = "SELECT count(*) FROM ({found}) AS found"
FACETS = """
WITH found AS MATERIALIZED ({found})
SELECT 'action', action, count(*) FROM found GROUP BY action
UNION ALL SELECT 'outcome', outcome, count(*) FROM found GROUP BY outcome
UNION ALL SELECT 'actor', actor, count(*) FROM found GROUP BY actor
UNION ALL SELECT 'type', target_type, count(*) FROM found WHERE target_type <> '' GROUP BY target_type
UNION ALL SELECT 'surface', surface, count(*) FROM found WHERE surface <> '' GROUP BY surface
ORDER BY 1, 3 DESC, 2
"""
FACET_COLUMNS = (
    "e.action, e.outcome, e.target_type, e.surface, "
    "coalesce(nullif(e.actor_label, ''), nullif(e.actor_id, ''), e.actor_kind) AS actor"
)
FACET_NAMES = ("action", "outcome", "actor", "type", "surface")
HISTOGRAM = """
WITH found AS MATERIALIZED ({found})
SELECT date_bin(%(bucket)s, at, %(origin)s), count(*), min(at) FROM found GROUP BY 1 ORDER BY 1
"""
ORIGIN = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday, so that weeks begin as weeks do


@dataclass(frozen=True)
class Count:
    """How many events were found; `is_more` when only so many were looked for."""

    number: int
    is_more: bool


@dataclass(frozen=True)
class Facets:
    """By facet (FACET_NAMES) the values with their numbers, the most frequent first; `is_whole` unless only the newest
    events were looked at.
    """

    values: Mapping[str, Mapping[str, int]]
    is_whole: bool


@dataclass(frozen=True)
class Histogram:
    """Events by the beginning of their bucket. `since` is the time from which on it is complete, None when it is."""

    buckets: Mapping[datetime, int]
    since: datetime | None


def count_events(*, query: Query, most: int = MOST_COUNTED) -> Count:
    """How many events of the bound tenant a query finds, exact up to `most`."""
    with search_scope() as scope:
        made = build_conditions(scope=scope, query=query)
        statement = COUNT.format(found=compile_found(made, "1", most + 1))
        number = int(scope.execute(statement, made.values).fetchone()[0])
    return Count(min(number, most), number > most)


def list_facets(*, query: Query, most: int = MOST_IN_FACETS) -> Facets:
    """What the events of a query have in common."""
    with search_scope() as scope:
        made = build_conditions(scope=scope, query=query)
        statement = FACETS.format(found=compile_found(made, FACET_COLUMNS, most + 1))
        rows = scope.execute(statement, made.values).fetchall()
    values: dict[str, dict[str, int]] = {name: {} for name in FACET_NAMES}
    for facet, value, number in rows:
        values[facet][value] = number
    return Facets(values, sum(values["outcome"].values()) <= most)


def build_histogram(*, query: Query, bucket: timedelta, most: int = MOST_IN_HISTOGRAM) -> Histogram:
    """When the events of a query happened; buckets without any are left out."""
    with search_scope() as scope:
        made = build_conditions(scope=scope, query=query)
        statement = HISTOGRAM.format(found=compile_found(made, "e.at", most))
        rows = scope.execute(statement, made.values | {"bucket": bucket, "origin": ORIGIN}).fetchall()
    is_whole = sum(row[1] for row in rows) < most
    return Histogram({row[0]: row[1] for row in rows}, None if is_whole or not rows else rows[0][2])


def compile_found(made: Conditions, columns: str, limit: int) -> str:
    """The newest events of a query, as an inner statement."""
    where = " AND ".join(made.where)
    return FOUND.format(columns=columns, source=made.source, where=where, by=made.by, limit=made.hold(limit))
