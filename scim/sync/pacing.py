"""How fast a worker may call a system: the bucket that learns (`scim.targets.buckets`), kept in the connector's row
between stays. Threads do not share it: whoever hands out the calls asks.
"""

from collections.abc import Mapping
from time import time
from typing import Any

from scim.sync.drivers.base import Failure
from scim.targets import Bucket


class Pacer:
    """Of one worker's stay; `take` before each call, `note` after it. Times are of the wall clock, in seconds."""

    def __init__(self, kept: Mapping[str, Any], *, most: float | None) -> None:
        self._bucket = Bucket.from_dict(kept) if kept else Bucket.of(most=most)

    def take(self) -> float:
        """Seconds to wait before a call may be made; 0 when it may be made now, and is counted."""
        self._bucket, granted, wait = self._bucket.acquire(time())
        return 0.0 if granted else max(wait, 0.001)

    def note(self, failure: Failure | None) -> None:
        """What came of a call."""
        if failure is not None and failure.kind == "throttle":
            self._bucket = self._bucket.punished(time(), failure.seconds)
        elif failure is None:
            self._bucket = self._bucket.succeeded(time())

    def to_dict(self) -> dict[str, float]:
        """For the connector's row."""
        return self._bucket.to_dict()
