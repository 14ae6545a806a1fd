"""What a target can have against its clients: the switches of the quirk server, and when each one strikes.

Chance is drawn from the seed and what is asked for, not from the order of requests: the same requests meet the same
fate, whatever threads send them.
"""

import random
import threading
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from typing import Any


@dataclass
class Quirks:
    """Shares are between 0 and 1. May be changed while the server runs."""

    seed: int = 1
    token: str = "quirk-token"
    # what it can do
    discovery: bool = True
    patch: bool = True
    filter: str = "on"  # on, refused, ignored, missing (404)
    paging: str = "index"  # index, cursor, none
    page_limit: int = 100
    etag: bool = False  # and heeds If-Match
    unique: bool = True
    max_members: int | None = None  # in one PATCH
    # how it answers
    content_type: str = "application/scim+json"
    only_json: bool = False  # refuses application/scim+json with 415
    without_id: bool = False  # in answers to POST, with no Location either
    no_content: bool = False  # 204 to every write
    typeless_conflict: int = 0  # the status of a conflict without scimType: 409, 400, 500
    total: int | None = None  # totalResults, whatever there is
    blind_reads: int = 0  # so many filters do not see a fresh user
    poisoned: frozenset[str] = frozenset()  # user names that are refused with 400
    # what goes wrong
    delay: float = 0.0
    hangups: range = range(0)  # the numbers of the requests whose connection is closed unanswered, and nothing done
    read_only: bool = False  # writes get 403
    lost: float = 0.0  # share of writes that are done, and the connection closed
    throttled_as_500: float = 0.0  # share of requests
    storm: range = range(0)  # the numbers of the requests that get 429
    retry_after: str = "1"
    rate: float | None = None  # requests a second, beyond which there is 429
    locked_out: range = range(0)  # the numbers of the requests that get 401


@dataclass(frozen=True)
class Call:
    """One request as it arrived; `answered` is False when the answer was lost."""

    number: int
    method: str
    place: str
    body: Any
    status: int
    answered: bool
    at: float


class Fate:
    """Decides for each request what goes wrong with it."""

    def __init__(self, quirks: Quirks) -> None:
        self.quirks = quirks
        self._lock, self._asked, self._number = threading.Lock(), Counter[str](), 0
        self._allowance, self._filled_at = 1.0, monotonic()

    def number(self) -> int:
        """Requests are counted from 1."""
        with self._lock:
            self._number += 1
            return self._number

    def strikes(self, what: str, share: float, key: str) -> bool:
        """True for a share of the requests; the same request asked again draws again."""
        if not share:
            return False
        with self._lock:
            self._asked[what + key] += 1
            count = self._asked[what + key]
        return random.Random(f"{self.quirks.seed} {what} {key} {count}").random() < share

    def is_too_fast(self) -> bool:
        rate = self.quirks.rate
        if rate is None:
            return False
        with self._lock:
            now = monotonic()
            self._allowance = min(max(1.0, rate), self._allowance + (now - self._filled_at) * rate)
            self._filled_at = now
            if self._allowance < 1:
                return True
            self._allowance -= 1
            return False

    def refuse(self, number: int, key: str, token: str) -> tuple[int, dict[str, str], Any] | None:
        """Status, headers and body of what meets a request before anything is done about it."""
        quirks = self.quirks
        if token != f"Bearer {quirks.token}" or number in quirks.locked_out:
            return 401, {}, error_body(401, f"No such key: {token.removeprefix('Bearer ')}")  # as some do
        if number in quirks.storm or self.is_too_fast():
            return 429, {"retry-after": quirks.retry_after}, error_body(429, "Slow down.")
        if self.strikes("throttled", quirks.throttled_as_500, key):
            return 500, {}, {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "Your request was rejected."}
        return None


def error_body(status: int, detail: str, scim_type: str | None = None) -> dict[str, Any]:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": detail}
    return {**body, "scimType": scim_type} if scim_type else body
