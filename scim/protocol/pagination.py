"""Pages: by index (RFC 7644 section 3.4.2.4), 1-based and within bounds, or by cursor (RFC 9865). Tolerance T31."""

import re
from dataclasses import dataclass
from typing import Final

from scim.protocol import bounds
from scim.protocol.cursors import invalid_count, invalid_cursor
from scim.protocol.errors import invalid_value
from scim.protocol.json_input import Json

# A number longer than this is beyond 64 bits, and so beyond every result.
_NUMBER: Final = re.compile(r"([+-]?)0*(\d{1,100})", re.ASCII)


@dataclass(frozen=True)
class PageRequest:
    """At most `count` resources from the 1-based `start_index` on; a count of 0 asks for the total alone.

    With a `cursor` they are those that it leads to; an empty one leads to the first.
    """

    start_index: int = 1
    count: int = bounds.PAGE_DEFAULT
    cursor: str | None = None

    @property
    def offset(self) -> int:
        """How many resources come before the page."""
        return self.start_index - 1

    @property
    def limit(self) -> int:
        """How many to look for: one more than the page holds tells a cursor whether there is a further page."""
        return self.count + (self.cursor is not None and self.count > 0)


FIRST_PAGE: Final = PageRequest()


def read_page(start_index: Json, count: Json, cursor: Json = None) -> PageRequest:
    """The parameters as they came: text out of a URL, whole numbers out of a body, or None.

    What is too small or too large is clamped. Raises ScimError 400 invalidValue for what is no whole number; with a
    cursor 400 invalidCount for that and for a count too large, invalidValue for a startIndex beside it, invalidCursor
    for a cursor that is no text.
    """
    if cursor is not None:
        return _read_cursor_page(start_index, count, cursor)
    start = _read_number(start_index, "startIndex", default=1)
    wanted = _read_number(count, "count", default=bounds.PAGE_DEFAULT)
    return PageRequest(min(max(start, 1), bounds.INTEGER_MAX), min(max(wanted, 0), bounds.PAGE_MAX))


def _read_cursor_page(start_index: Json, count: Json, cursor: Json) -> PageRequest:
    if not isinstance(cursor, str):
        raise invalid_cursor()
    if start_index not in (None, ""):
        raise invalid_value("startIndex and cursor exclude each other.")
    wanted = bounds.PAGE_DEFAULT if count in (None, "") else _as_number(count)
    if wanted is None or wanted > bounds.PAGE_MAX:
        raise invalid_count(f"count has to be a whole number of at most {bounds.PAGE_MAX}.")
    return PageRequest(1, max(wanted, 0), cursor)


def _read_number(raw: Json, parameter: str, *, default: int) -> int:
    if raw is None or raw == "":
        return default
    number = _as_number(raw)
    if number is None:
        raise invalid_value(f"{parameter} has to be a whole number.")
    return number


def _as_number(raw: Json) -> int | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    match = _NUMBER.fullmatch(raw) if isinstance(raw, str) else None
    return int(match[1] + match[2]) if match else None
