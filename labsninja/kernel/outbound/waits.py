"""How long to wait before a request is sent again: as long as the other side asks for, or a share of a growing time."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_ASKED: Final = 3600.0  # whoever asks for more is asked again after an hour


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
