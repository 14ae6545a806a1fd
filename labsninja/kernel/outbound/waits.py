"""How long to wait before a request is sent again: as long as the other side asks for, or a share of a growing time."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_ASKED: Final = 3600.0  # whoever asks for more is asked again after an hour
SHORTEST: Final = 1.0
# Seconds at most before the second attempt, the third, and so on: a little more than a day in all.
SCHEDULE: Final = (30.0, 120.0, 600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)


def read_retry_after(*, text: str, now: datetime) -> float | None:
    """Seconds of a Retry-After in either form (RFC 9110 section 10.2.3); None for none and for what is neither."""
    plain = text.strip()
    if plain.isdecimal() and plain.isascii():
        return min(float(plain[:9]), LONGEST_ASKED)
    try:
        at = parsedate_to_datetime(plain)
    except ValueError:
        return None
    seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(0.0, seconds), LONGEST_ASKED)


def draw_wait(*, longest: float, least_share: float = 0.0) -> float:
    """Seconds between a share of `longest` and all of it, so that many who failed at once do not return at once."""
    return longest * random.uniform(least_share, 1.0)  # noqa: S311  # spreads, hides nothing


def choose_wait(*, attempts: int, asked: float | None = None) -> float | None:
    """Seconds until the next attempt after `attempts` that failed, None when the schedule is at its end.

    Drawn from the whole time that the schedule has for it (full jitter), and never less than was `asked` for.
    """
    if attempts > len(SCHEDULE):
        return None
    return max(SHORTEST, draw_wait(longest=SCHEDULE[max(attempts, 1) - 1]), asked or 0.0)
