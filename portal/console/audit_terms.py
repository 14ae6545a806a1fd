"""The text of a search of the history, changed term by term: what a click on a facet, a bar or an event adds to it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from audit.reading.syntax import Field, Query

PLAIN: Final = re.compile(r'[^\s":]+')
TIMES: Final = re.compile(r"(?:^|\s)(?:from|to):\S+")
# How wide a bar of the histogram is, by how long a time is looked at.
BUCKETS: Final = (
    (timedelta(hours=6), timedelta(minutes=5)),
    (timedelta(days=2), timedelta(hours=1)),
    (timedelta(days=60), timedelta(days=1)),
)
WIDEST: Final = timedelta(days=7)
MOST_BARS: Final = 60


def make_term(field: Field, value: str, *, is_negated: bool = False) -> str:
    """As a person would type it; a value with spaces or colons stands in quotes, one with a quote loses that."""
    held = value if PLAIN.fullmatch(value) and not value.endswith("*") else f'"{value.replace(chr(34), " ")}"'
    return f"{'-' if is_negated else ''}{field}:{held}"


def add_term(text: str, term: str) -> str:
    """The search with a term more; what is there already stays once."""
    return text if f" {term} " in f" {text} " else f"{text} {term}".strip()


def remove_term(text: str, term: str) -> str:
    return " ".join(f" {text} ".replace(f" {term} ", " ").split())


def narrow(text: str, since: datetime, until: datetime) -> str:
    """The search within a bar of the histogram."""
    rest = " ".join(TIMES.sub(" ", text).split())
    return f"{rest} from:{since.isoformat()} to:{until.isoformat()}".strip()


def choose_bucket(query: Query, *, oldest: datetime, now: datetime) -> timedelta:
    """How wide a bar is, so that there are some dozens at most; `oldest` is the first time there could be."""
    span = (query.until or now) - (query.since or oldest)
    return next((bucket for most, bucket in BUCKETS if span <= most), WIDEST)


def limit_span(query: Query, *, now: datetime) -> Query:
    """For the histogram of a search without times: the last sixty days."""
    return query if query.since else replace(query, since=(query.until or now) - BUCKETS[-1][0])


def link(text: str, **beside: str) -> str:
    """The address of a search within its page."""
    asked: Mapping[str, str] = {"q": text, **beside}
    return "?" + urlencode({name: value for name, value in asked.items() if value})
