"""How fast a worker may call a system: a bucket of calls that halves its rate when it is told to slow down, and learns
its way up again. It is kept in the connector's row between stays.
"""

from collections.abc import Mapping
from time import time
from typing import Any, Final

from scim.sync.drivers.base import Failure

FASTEST: Final = 200.0  # calls a second
SLOWEST: Final = 0.1
STEP: Final = 0.5  # a second more for every second without complaint


class Pacer:
    """Of one worker's stay; `take` before each call, `note` after it. Times are of the wall clock, in seconds."""

    def __init__(self, kept: Mapping[str, Any], profile: Mapping[str, Any]) -> None:
        self._rate = min(max(float(kept.get("rate", FASTEST)), SLOWEST), FASTEST)
        self._next_at = float(kept.get("next_at", 0.0))

    def take(self) -> float:
        """Seconds to wait before a call may be made; 0 when it may be made now, and is counted."""
        now = time()
        if self._next_at > now:
            return self._next_at - now
        self._next_at = max(self._next_at, now - 1 / self._rate) + 1 / self._rate
        return 0.0

    def note(self, failure: Failure | None) -> None:
        """What came of a call."""
        if failure is not None and failure.kind == "throttle":
            self._rate = max(self._rate / 2, SLOWEST)
            self._next_at = time() + (failure.seconds or 1.0)
        elif failure is None:
            self._rate = min(self._rate + STEP / max(self._rate, 1.0), FASTEST)

    def to_dict(self) -> dict[str, float]:
        """For the connector's row."""
        return {"rate": round(self._rate, 3), "next_at": round(self._next_at, 3)}
