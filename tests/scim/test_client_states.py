"""The five states of a SCIM client: which signs make which, which goes before which, and that each says what to do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scim.queries.client_states import TONES, Signs, judge_client
from scim.queries.rhythm import Batch, learn_rhythm
from scim.queries.traffic import Tally

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
STEP, MINUTE = timedelta(minutes=40), timedelta(minutes=1)
LAST = Batch(NOW - 12 * MINUTE, NOW - 11 * MINUTE)
BATCHES = [Batch(LAST.began - number * STEP, LAST.ended - number * STEP) for number in range(20)][::-1]
LONG_AGO = Batch(NOW - 5 * STEP, NOW - 4 * STEP)


def _hour(**outcomes: int) -> Tally:
    return Tally(outcomes, 5.0, 9.0)


WELL = Signs(kind="entra", name="Entra", has_token=True, last=LAST, rhythm=learn_rhythm(BATCHES), hour=_hour(done=40))


@pytest.mark.parametrize(
    ("signs", "state", "told"),
    [
        ({"last": None}, "never", "Its token was never used."),
        ({"last": None, "has_token": False}, "never", "It has no token"),
        ({"last": None, "calls": 1, "refusal": "The token was revoked."}, "never", "The token was revoked."),
        ({}, "healthy", "Entra sends about every 40 min; last batch 11 min ago, next expected in about 28 min."),
        ({"rhythm": learn_rhythm(BATCHES[:4])}, "receiving", "(3 of 8 pauses seen)"),
        ({"last": LONG_AGO}, "silent", "more than the 2 h that it may be quiet"),
        ({"calls": 2, "refusal": "Expired."}, "healthy", "Entra sends"),
        ({"calls": 3, "refusal": "Expired."}, "degraded", "3 requests with one of its tokens were refused: Expired."),
        ({"last": LONG_AGO, "calls": 3, "refusal": "Expired."}, "degraded", "Expired."),
        ({"hour": _hour(done=19, refused=1)}, "degraded", "1 of 20 requests in the last hour"),
        ({"hour": _hour(done=18, refused=1)}, "healthy", "Entra sends"),
        ({"hour": _hour(done=40, refused=1, denied=1)}, "healthy", "Entra sends"),
        ({"hour": _hour(done=16, failed=2, denied=2)}, "degraded", "4 of 20 requests in the last hour"),
        ({"hour": _hour(done=16, limited=4)}, "degraded", "4 of 20 requests in the last hour came too fast"),
        ({"last": LONG_AGO, "hour": _hour(done=1, failed=40)}, "silent", "may be quiet"),
    ],
    ids=range(15),
)
def test_state_follows_from_the_signs(signs: Mapping[str, Any], state: str, told: str) -> None:
    found = judge_client(signs=replace(WELL, **signs), now=NOW)
    assert found.name == state
    assert told in found.cause
    assert found.step
    assert found.tone == TONES[state]


def test_silent_client_without_a_token_is_told_to_get_one() -> None:
    found = judge_client(signs=replace(WELL, last=LONG_AGO, has_token=False), now=NOW)
    assert "no token in force" in found.step


def test_silent_provider_gets_the_advice_of_its_kind() -> None:
    steps = [judge_client(signs=replace(WELL, last=LONG_AGO, kind=kind), now=NOW).step for kind in ("entra", "custom")]
    assert "quarantine" in steps[0]
    assert "identity provider" in steps[1]
