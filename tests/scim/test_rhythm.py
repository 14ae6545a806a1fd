"""How often an identity provider sends, learned from times alone: weeks of made-up providers, and the rule itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.queries.rhythm import (
    DAY,
    HALF,
    LEAST_GAPS,
    QUIET,
    WEEK,
    Batch,
    describe_rhythm,
    find_batches,
    learn_rhythm,
    tell_span,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _every(step: timedelta, count: int, *, lasting: timedelta = 2 * MINUTE, spread: float = 0.0) -> list[Batch]:
    """Batches that end before NOW, the newest of which began twelve minutes ago."""
    chance = Random(8)
    starts = [NOW - 12 * MINUTE - step * number for number in range(count)][::-1]
    shaken = [at + step * chance.uniform(-spread, spread) for at in starts[:-1]]
    return [Batch(at, at + lasting) for at in (*shaken, *starts[-1:])]


def test_entra_that_sends_every_forty_minutes_is_told_when_it_is_expected() -> None:
    batches = _every(40 * MINUTE, 30, spread=0.1)
    rhythm = learn_rhythm(batches)
    told = describe_rhythm(name="Entra", rhythm=rhythm, last=batches[-1], now=NOW)
    assert rhythm.kind == "steady"
    assert timedelta(minutes=110) < rhythm.silent_after < timedelta(minutes=130)
    assert told == (
        f"Entra sends about every {tell_span(rhythm.every or HOUR)}; last batch 10 min ago,"
        f" next expected in about {tell_span((rhythm.every or HOUR) - 12 * MINUTE)}."
    )


def test_batch_that_is_late_is_told_as_expected_before() -> None:
    batches = _every(40 * MINUTE, 30)
    told = describe_rhythm(name="Entra", rhythm=learn_rhythm(batches), last=batches[-1], now=NOW + HOUR)
    assert told == "Entra sends about every 40 min; last batch 70 min ago, expected 32 min ago."


def test_okta_that_sends_when_something_changes_may_be_quiet_over_a_weekend() -> None:
    chance, at, batches = Random(3), NOW - timedelta(days=14), []
    while at < NOW:
        if at.weekday() < 5 and 8 <= at.hour < 18:
            batches.append(Batch(at, at + MINUTE))
        at += timedelta(minutes=chance.randint(15, 240))
    rhythm = learn_rhythm(batches)
    assert rhythm.kind == "irregular"
    assert rhythm.longest is not None
    assert rhythm.longest > 2 * DAY
    assert rhythm.silent_after == rhythm.longest * 1.5


def test_provider_that_hardly_pauses_is_silent_after_half_an_hour() -> None:
    batches = [Batch(NOW - DAY, NOW - 3 * HOUR), Batch(NOW - 3 * HOUR + 11 * MINUTE, NOW)]
    rhythm = learn_rhythm(batches)
    assert (rhythm.kind, rhythm.silent_after) == ("restless", HALF)
    assert "hardly ever pauses; sending right now" in describe_rhythm(
        name="Okta", rhythm=rhythm, last=batches[-1], now=NOW
    )


@pytest.mark.parametrize(("count", "kind"), [(0, "unknown"), (1, "unknown"), (LEAST_GAPS, "unknown"), (9, "steady")])
def test_rhythm_needs_eight_pauses_of_evidence(count: int, kind: str) -> None:
    rhythm = learn_rhythm(_every(HOUR, count))
    assert rhythm.kind == kind
    assert kind == "steady" or rhythm.silent_after == WEEK


def test_evidence_is_told_while_the_rhythm_is_not_known() -> None:
    batches = _every(HOUR, 4)
    told = describe_rhythm(name="Okta", rhythm=learn_rhythm(batches), last=batches[-1], now=NOW)
    assert told == "The rhythm of Okta is not known yet (3 of 8 pauses seen); last request 10 min ago."


def test_single_outage_does_not_change_a_steady_rhythm() -> None:
    batches = _every(40 * MINUTE, 60)
    rhythm = learn_rhythm(batches[:20] + batches[40:])
    assert (rhythm.kind, rhythm.every) == ("steady", 40 * MINUTE)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=60), st.lists(st.integers(0, 299), max_size=60))
def test_batches_are_apart_in_order_and_cover_every_request(starts: list[int], lengths: list[int]) -> None:
    spans = sorted(
        (NOW + timedelta(seconds=at), NOW + timedelta(seconds=at + length))
        for at, length in zip(starts, [*lengths, *[0] * len(starts)], strict=False)
    )
    batches = find_batches(spans)
    assert all(later.began - earlier.ended >= QUIET for earlier, later in pairwise(batches))
    assert all(any(batch.began <= one <= two <= batch.ended for batch in batches) for one, two in spans)
    assert sum(batch.ended - batch.began < timedelta() for batch in batches) == 0


@given(st.lists(st.integers(601, 500_000), min_size=0, max_size=40))
def test_nobody_is_silent_within_what_was_seen_before(pauses: list[int]) -> None:
    """A pause that is no longer than any before it is never called silence, but of a steady provider."""
    at, batches = NOW, [Batch(NOW, NOW)]
    for pause in pauses:
        at += timedelta(seconds=pause)
        batches.append(Batch(at, at))
    rhythm = learn_rhythm(batches)
    longest = timedelta(seconds=max(pauses, default=0))
    allowed = 3 * rhythm.every if rhythm.kind == "steady" and rhythm.every else longest
    assert rhythm.silent_after >= min(allowed, WEEK)


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (12 * MINUTE, "12 min"),
        (89 * MINUTE, "89 min"),
        (100 * MINUTE, "2 h"),
        (30 * HOUR, "30 h"),
        (50 * HOUR, "2 days"),
    ],
)
def test_span_is_told_in_the_unit_that_people_use(span: timedelta, told: str) -> None:
    assert tell_span(span) == told
