"""How fast a target may be asked: a bucket of tokens whose rate is learned from what the target puts up with.

It grows while all goes well, quickly up to where it was refused before and slowly beyond, and is halved by a refusal.
A bucket is a value: whoever keeps it stores the one that a call returns. Times are seconds of one clock, such as
the epoch; nothing here reads a clock.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

FIRST_RATE: Final = 20.0  # requests a second before anything is known
MOST: Final = 200.0
LEAST: Final = 0.05
SECONDS_UP: Final = 20.0  # from nothing to where it was refused
SECONDS_BEYOND: Final = 300.0  # from there to twice as much, were it not for
SECONDS_CALM: Final = 60.0  # which double the growth
HELD: Final = 0.9  # of the rate that was refused: where quick growth ends
SHORTEST_REST: Final = 1.0  # after a refusal that names no time
LONGEST_REST: Final = 3600.0


@dataclass(frozen=True)
class Bucket:
    """`rate` is requests a second now, `most` the bound that is never passed, `limit` where quick growth ends (0: never
    refused yet). Nothing may be asked before `closed_until`.
    """

    rate: float = FIRST_RATE
    most: float = MOST
    tokens: float = 1.0
    limit: float = 0.0
    filled_at: float = 0.0
    raised_at: float = 0.0
    punished_at: float = 0.0
    closed_until: float = 0.0

    @classmethod
    def of(cls, *, most: float | None = None) -> Self:
        """A new bucket for a target that allows `most` requests a second, as its profile may say."""
        bound = max(LEAST, most) if most else MOST
        return cls(rate=bound if most else min(FIRST_RATE, bound), most=bound)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The bucket that `to_dict` gave; a new one for nothing."""
        return cls(**{name: float(stored[name]) for name in cls.__dataclass_fields__ if name in stored})

    def to_dict(self) -> dict[str, float]:
        """Plain numbers for a row."""
        return {name: round(value, 6) for name, value in asdict(self).items()}

    def acquire(self, now: float, want: int = 1) -> tuple[Self, int, float]:
        """The bucket afterwards, how many of the `want` requests may be sent now, and else after how many seconds to
        ask again. Whoever sends fewer than were granted has lost the rest.
        """
        if now < self.closed_until:
            return self, 0, self.closed_until - now
        filled = self._fill(now)
        granted = min(want, int(filled.tokens + 1e-9))
        if granted:
            return replace(filled, tokens=max(0.0, filled.tokens - granted)), granted, 0.0
        return filled, 0, (1.0 - filled.tokens) / filled.rate

    def succeeded(self, now: float) -> Self:
        """The bucket after a request that was answered: once a second at most the rate grows."""
        since = now - self.raised_at
        if since < 1.0 or now < self.closed_until:
            return self
        rate = min(self.most, self.rate + self._growth(now) * min(since, 2.0))
        return replace(self._fill(now), rate=rate, limit=max(self.limit, rate if self.limit else 0.0), raised_at=now)

    def punished(self, now: float, retry_after: float | None = None) -> Self:
        """The bucket after a request that was refused as one too many. Refusals of one moment count once: the requests
        were under way together.
        """
        rest = SHORTEST_REST if retry_after is None else min(max(retry_after, 0.0), LONGEST_REST)
        closed_until = max(self.closed_until, now + rest)
        is_echo = now < self.punished_at + SHORTEST_REST or now < self.closed_until
        if is_echo:
            return replace(self, closed_until=closed_until, tokens=0.0)
        halved = max(LEAST, self.rate / 2)
        marks = {"punished_at": now, "raised_at": closed_until, "filled_at": closed_until}
        return replace(self, rate=halved, limit=self.rate, tokens=0.0, closed_until=closed_until, **marks)

    def _growth(self, now: float) -> float:
        """By how much more a second the rate may grow each second. Beyond the limit it grows the faster the longer all
        went well, for the limit may have been lifted; a slow target is given time to refuse.
        """
        quick = self.limit * HELD or self.most
        calm = min(1.0, self.rate / 2)
        if self.rate < quick:
            return quick / SECONDS_UP * calm
        return self.limit / SECONDS_BEYOND * calm * (1.0 + max(0.0, now - self.punished_at) / SECONDS_CALM)

    def _fill(self, now: float) -> Self:
        """A second's worth is kept at most, and one token at least can be."""
        since = max(0.0, now - self.filled_at)
        tokens = min(max(1.0, self.rate), self.tokens + since * self.rate)
        return replace(self, tokens=tokens, filled_at=max(now, self.filled_at))
