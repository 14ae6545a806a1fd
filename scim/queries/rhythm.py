"""How often an identity provider sends, learned from when its requests came: pure functions of times.

Requests less than QUIET (ten minutes) apart are one batch. From the batches of the last LOOKED_AT the rule is:

- *restless*, when batches last for RESTLESS and half of the time together: it hardly pauses, and is silent after one
  and a half times its longest pause, HALF an hour at least;
- *steady*, when at least LEAST_GAPS times from batch to batch are known and eight of ten lie between half and one and a
  half times their median: it sends about every median, and is silent after three of them, QUARTER at least;
- *irregular*, with as many times but no such middle: it sends when something changes, and is silent after one and a
  half times its longest pause, a day at least;
- *unknown* with less evidence: silent after a WEEK.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median, quantiles
from typing import Final

QUIET: Final = timedelta(minutes=10)
LOOKED_AT: Final = timedelta(days=14)
LEAST_GAPS: Final = 8
RESTLESS: Final = timedelta(hours=12)
QUARTER, HALF = timedelta(minutes=15), timedelta(minutes=30)
MOST_MINUTES, MOST_HOURS = 90, 48  # what people still tell in minutes, and in hours
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MISSED: Final = 3


@dataclass(frozen=True)
class Batch:
    """Requests that came together."""

    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Rhythm:
    """`kind` as above; `every` from batch to batch, None where there is no such time; `gaps` are the evidence."""

    kind: str
    every: timedelta | None
    longest: timedelta | None
    silent_after: timedelta
    gaps: int


def find_batches(spans: Iterable[tuple[datetime, datetime]]) -> Sequence[Batch]:
    """Batches of spans that begin one after the other."""
    batches: list[Batch] = []
    for began, ended in spans:
        if batches and began - batches[-1].ended < QUIET:
            batches[-1] = Batch(batches[-1].began, max(ended, batches[-1].ended))
        else:
            batches.append(Batch(began, ended))
    return batches


def learn_rhythm(batches: Sequence[Batch]) -> Rhythm:
    """What the batches say."""
    steps = [later.began - earlier.began for earlier, later in pairwise(batches)]
    pauses = [later.began - earlier.ended for earlier, later in pairwise(batches)]
    longest = max(pauses, default=None)
    lasted = sum((batch.ended - batch.began for batch in batches), timedelta())
    if lasted >= RESTLESS and lasted >= (batches[-1].ended - batches[0].began) / 2:
        return Rhythm("restless", None, longest, max((longest or HALF) * 1.5, HALF), len(steps))
    if len(steps) < LEAST_GAPS or longest is None:
        return Rhythm("unknown", None, longest, WEEK, len(steps))
    seconds = [step.total_seconds() for step in steps]
    every, deciles = timedelta(seconds=median(seconds)), quantiles(seconds, n=10, method="inclusive")
    if every * 0.5 <= timedelta(seconds=deciles[0]) and timedelta(seconds=deciles[-1]) <= every * 1.5:
        return Rhythm("steady", every, longest, max(every * MISSED, QUARTER), len(steps))
    return Rhythm("irregular", every, longest, max(longest * 1.5, DAY), len(steps))


def describe_rhythm(*, name: str, rhythm: Rhythm, last: Batch, now: datetime) -> str:
    """How often the provider of that name sends, when it did last, and when it is expected."""
    if now - last.ended < QUIET:
        state = "sending right now"
    else:
        state = f"last {'batch' if rhythm.kind == 'steady' else 'request'} {tell_span(now - last.ended)} ago"
    if rhythm.kind == "steady" and rhythm.every is not None:
        due = last.began + rhythm.every - now
        when = f"next expected in about {tell_span(due)}" if due > timedelta() else f"expected {tell_span(-due)} ago"
        return f"{name} sends about every {tell_span(rhythm.every)}; {state}, {when}."
    if rhythm.kind == "restless":
        return f"{name} hardly ever pauses; {state}."
    if rhythm.kind == "irregular" and rhythm.longest is not None:
        return f"{name} sends when something changes, {tell_span(rhythm.longest)} apart at most; {state}."
    return f"The rhythm of {name} is not known yet ({rhythm.gaps} of {LEAST_GAPS} pauses seen); {state}."


def tell_span(span: timedelta) -> str:
    """A length of time in the unit that people would use."""
    minutes = round(span / timedelta(minutes=1))
    if minutes < 1:
        return "less than a minute"
    if minutes < MOST_MINUTES:
        return f"{minutes} min"
    hours = round(span / timedelta(hours=1))
    return f"{hours} h" if hours < MOST_HOURS else f"{round(span / DAY)} days"
