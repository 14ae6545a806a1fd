"""The breaker of a connector: opens when its system fails, not when some resources do. Pure: outcomes in, a cause out.

Who is refused by the other side for good counts as an answer: one bad person never opens it. What opens it at once is
a token that is refused.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

WINDOW: Final = 200
LEAST: Final = 20
FAILED_PERCENT: Final = 40
UNREACHED: Final = 5
# Until the next probe, by how many failed before; then the last again and again.
PROBES: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
# Until the next attempt for one resource.
RETRIES: Final = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
MOST_ATTEMPTS: Final = 28


@dataclass(frozen=True)
class Breaker:
    """What it remembers: calls and failures of the window, and connections that failed in a row."""

    calls: int = 0
    failed: int = 0
    unreached: int = 0

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Breaker":
        return cls(**{name: int(found.get(name, 0)) for name in cls.__dataclass_fields__})

    def to_dict(self) -> dict[str, int]:
        return asdict(self)

    def count(self, *, failed: bool, unreached: bool) -> "Breaker":
        """After another call. An old window counts half, so that it is forgotten without being kept."""
        calls, failures = self.calls + 1, self.failed + failed
        if calls > WINDOW:
            calls, failures = calls // 2, failures // 2
        return replace(self, calls=calls, failed=failures, unreached=self.unreached + 1 if unreached else 0)

    @property
    def cause(self) -> str:
        """Why it opens, '' while it does not."""
        if self.unreached >= UNREACHED:
            return f"The last {self.unreached} calls did not reach the system."
        if self.calls >= LEAST and self.failed * 100 > self.calls * FAILED_PERCENT:
            return f"{self.failed} of the last {self.calls} calls failed."
        return ""


def wait_for_probe(failures: int) -> timedelta:
    """After so many probes that failed."""
    return PROBES[min(failures, len(PROBES) - 1)]


def wait_for_retry(attempts: int, *, share: float) -> timedelta:
    """After so many attempts, with jitter: `share` is a random number between 0 and 1."""
    longest = RETRIES[min(max(attempts, 1), len(RETRIES)) - 1]
    return longest * (0.5 + share / 2)
