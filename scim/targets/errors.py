"""What went wrong at a target: one exception, with the class that decides what is done about it.

`signature` groups errors that have one cause: "412 people: department is too long" is one line, not 412.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Final

from scim.targets.exchanges import Exchange

LONGEST_DETAIL: Final = 1000
# What differs from one person to the next: addresses, quoted values that are no attribute, all that holds a digit.
ADDRESS: Final = re.compile(r"[^\s\"'<>(),;]+@[^\s\"'<>(),;]+")
QUOTED: Final = re.compile(r"\"[^\"]*[^\w.:$\"][^\"]*\"|'[^']*[^\w.:$'][^']*'")
NUMBERED: Final = re.compile(r"[\w\-:.]*\d[\w\-:.]*")
SPACES: Final = re.compile(r"\s+")
SHORTEST_VALUE: Final = 3


class ErrorClass(StrEnum):
    """What is to be done: new credentials, wait, try again, look for the other one, change something, or nothing."""

    AUTH = "auth"
    THROTTLE = "throttle"
    TRANSIENT = "transient"
    CONFLICT = "conflict"
    PERMANENT = "permanent"
    GONE = "gone"


class TargetError(Exception):
    """The target did not do what it was asked.

    `status` is None without an answer. `seconds` is how long the target asked to be left alone. `may_have_arrived`:
    the answer got lost, so the target may have done it all the same: look before a create is sent again. `shape` is
    `detail` without what belongs to the one resource. `exchanges` is what was said, for the log.
    """

    def __init__(
        self,
        detail: str,
        *,
        error_class: ErrorClass,
        status: int | None = None,
        scim_type: str | None = None,
        seconds: float | None = None,
        may_have_arrived: bool = False,
        values: Iterable[str] = (),
        exchanges: tuple[Exchange, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail[:LONGEST_DETAIL]
        self.error_class, self.status, self.scim_type, self.seconds = error_class, status, scim_type, seconds
        self.may_have_arrived = may_have_arrived
        self.shape = strip_values(self.detail, values)
        self.exchanges = exchanges

    def __str__(self) -> str:
        told = " ".join(str(part) for part in (self.status, self.scim_type) if part)
        return f"{told}: {self.detail}" if told else self.detail


def signature(error: TargetError) -> str:
    """Sixteen hexadecimal digits, the same for errors of one cause in every process and on every day."""
    told = f"{error.error_class}\n{error.status or ''}\n{(error.scim_type or '').casefold()}\n{error.shape}"
    return sha256(told.encode()).hexdigest()[:16]


def strip_values(detail: str, values: Iterable[str] = ()) -> str:
    """A text with `#` for whatever belongs to one resource: its own `values` first, then what looks like one."""
    kept = detail.casefold()
    occurring = {folded for value in values if (folded := value.casefold()) in kept}
    for value in sorted(occurring, key=len, reverse=True):
        if len(value) >= SHORTEST_VALUE:
            kept = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "#", kept)
    for pattern in (ADDRESS, QUOTED, NUMBERED):
        kept = pattern.sub("#", kept)
    return SPACES.sub(" ", kept).strip()
