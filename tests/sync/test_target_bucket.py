"""The bucket that learns how fast a target may be asked; time is counted here, not waited for."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.targets import Bucket
from scim.targets.buckets import LEAST, LONGEST_REST, MOST

SECONDS = 600


@dataclass
class Allowance:
    """A target that takes so many requests a second and answers 429 beyond; `at_once` may come together."""

    rate: float
    at_once: float
    left: float = 1.0
    at: float = 0.0

    def takes(self, now: float) -> bool:
        self.left = min(self.at_once, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


def run(bucket: Bucket, target: Allowance, seconds: float, now: float = 1000.0) -> tuple[Bucket, int, int]:
    """Send as fast as the bucket allows; gives how many were taken and how many refused."""
    taken, refused, until = 0, 0, now + seconds
    target.at = now
    while now < until:
        bucket, granted, wait = bucket.acquire(now)
        if not granted:
            now += max(wait, 0.001)
            continue
        if target.takes(now):
            taken, bucket = taken + 1, bucket.succeeded(now)
        else:
            refused, bucket = refused + 1, bucket.punished(now, 1.0)
    return bucket, taken, refused


@pytest.mark.parametrize("rate", [0.5, 3, 10, 40, 150])
def test_most_of_what_a_target_allows_is_used_and_little_refused(rate: float) -> None:
    _, taken, refused = run(Bucket(), Allowance(rate, max(1.0, rate)), SECONDS)
    assert taken >= 0.7 * rate * SECONDS
    assert refused <= 0.03 * taken + 10


def test_target_without_limit_is_soon_asked_as_fast_as_may_be() -> None:
    bucket, taken, refused = run(Bucket(), Allowance(10**6, 10**6, 10**6), 60)
    assert (bucket.rate, refused) == (MOST, 0)
    assert taken > 0.8 * MOST * 40


def test_target_that_becomes_faster_is_noticed() -> None:
    bucket, _, _ = run(Bucket(), Allowance(5, 5), SECONDS)
    _, taken, _ = run(bucket, Allowance(50, 50), SECONDS, now=1000.0 + SECONDS)
    assert taken > 0.5 * 50 * SECONDS


def test_known_bound_is_kept_from_the_start() -> None:
    bucket, taken, _ = run(Bucket.of(most=3), Allowance(10**6, 10**6, 10**6), 100)
    assert taken <= 3 * 101
    assert bucket.rate == 3


def test_nothing_is_asked_before_the_time_the_target_named() -> None:
    bucket = Bucket().punished(1000.0, 120.0)
    assert bucket.acquire(1119.0)[1:] == (0, 1.0)
    assert bucket.acquire(1121.0)[1] == 1
    assert Bucket().punished(1000.0, 10**9).closed_until == 1000.0 + LONGEST_REST


def test_refusals_of_one_moment_count_once() -> None:
    once = Bucket(rate=40.0).punished(1000.0)
    twice = once.punished(1000.2).punished(1000.4, 5.0)
    assert (once.rate, twice.rate, twice.closed_until) == (20.0, 20.0, 1005.4)
    assert twice.punished(1006.0).rate == 10.0


def test_several_are_granted_at_once_up_to_a_second_of_them() -> None:
    bucket, granted, _ = Bucket(rate=10.0, filled_at=990.0).acquire(1000.0, 200)
    assert granted == 10
    assert bucket.acquire(1000.0, 200)[1:] == (0, 0.1)


STEPS = st.lists(
    st.tuples(st.sampled_from(["acquire", "succeeded", "punished", "asked"]), st.floats(-5, 100)), max_size=40
)


@given(steps=STEPS)
def test_bucket_stays_within_its_bounds_and_survives_its_row(steps: list[tuple[str, float]]) -> None:
    bucket, now = Bucket.of(most=50), 1000.0
    for verb, seconds in steps:
        now += seconds
        if verb == "acquire":
            bucket, granted, wait = bucket.acquire(now, 3)
            assert (granted == 0) == (wait > 0)
        else:
            bucket = (
                bucket.succeeded(now)
                if verb == "succeeded"
                else bucket.punished(now, seconds if verb == "asked" else None)
            )
        assert LEAST <= bucket.rate <= 50
        assert 0 <= bucket.tokens <= max(1, bucket.rate)
        bucket = Bucket.from_dict(json.loads(json.dumps(bucket.to_dict())))
