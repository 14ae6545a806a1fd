"""Functions on dates, which are text as SCIM writes it (RFC 7643 section 2.3.5). There is no clock to ask."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from scim.mapping.errors import ExpressionError
from scim.mapping.functions.definition import TEXT, Function, one
from scim.mapping.values import Kind
from scim.protocol.scalars import parse_date_time

_FIELDS: Final[Mapping[str, Callable[[datetime], int]]] = {
    "yyyy": lambda moment: moment.year,
    "MM": lambda moment: moment.month,
    "dd": lambda moment: moment.day,
    "HH": lambda moment: moment.hour,
    "mm": lambda moment: moment.minute,
    "ss": lambda moment: moment.second,
}
_PART: Final = re.compile(r"(yyyy|MM|dd|HH|mm|ss)|([a-zA-Z]+)|([^a-zA-Z]+)")


def _read_format(text: str) -> tuple[str, ...]:
    parts: list[str] = []
    for field, unknown, between in (match.groups() for match in _PART.finditer(text)):
        if unknown and unknown not in {"T", "Z"}:
            raise ExpressionError("a format of dates knows yyyy, MM, dd, HH, mm and ss")
        parts.append(field or unknown or between)
    if not set(parts) & set(_FIELDS):
        raise ExpressionError("a format of dates needs one of yyyy, MM, dd, HH, mm and ss")
    if any(parts.count(field) > 1 for field in _FIELDS):
        raise ExpressionError("a format of dates names a part twice")
    return tuple(parts)


def _parse_date(text: str, parts: tuple[str, ...]) -> str:
    pattern = "".join(rf"(?P<{part}>\d{{{len(part)}}})" if part in _FIELDS else re.escape(part) for part in parts)
    found = re.fullmatch(pattern, text.strip(), re.ASCII)
    if found is None or not {"yyyy", "MM", "dd"} <= found.groupdict().keys():
        raise ExpressionError("the text is no date of that format")
    year, month, day, hour, minute, second = (int(found.groupdict().get(field, 0)) for field in _FIELDS)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise ExpressionError("there is no such date") from None
    return _write(moment)


def _format_date(text: str, parts: tuple[str, ...]) -> str:
    moment = _read_moment(text)
    return "".join(f"{_FIELDS[part](moment):0{len(part)}}" if part in _FIELDS else part for part in parts)


def _add_days(text: str, days: int) -> str:
    try:
        return _write(_read_moment(text) + timedelta(days=days))
    except OverflowError:
        raise ExpressionError("the date is out of range") from None


def _read_moment(text: str) -> datetime:
    moment = parse_date_time(text)
    try:
        if moment is not None:
            return moment.astimezone(UTC)
    except OverflowError:
        pass
    raise ExpressionError("a date such as 2026-01-31T00:00:00Z is expected", hint="make one with parseDate")


def _write(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}T{moment:%H:%M:%S}Z"


_FORMAT: Final = one("format", Kind.TEXT, prepare=_read_format)

DATE_FUNCTIONS: Final = (
    Function("parseDate", (TEXT, _FORMAT), Kind.TEXT, _parse_date, "the date a text says, in UTC",
             (("'31.01.2026'.parseDate('dd.MM.yyyy')", '"2026-01-31T00:00:00Z"'),)),
    Function("formatDate", (one("date", Kind.TEXT), _FORMAT), Kind.TEXT, _format_date, "a date in another form, in UTC",
             (("user.meta.created.formatDate('yyyy-MM-dd')", '"2026-01-31"'),)),
    Function("addDays", (one("date", Kind.TEXT), one("days", Kind.WHOLE)), Kind.TEXT, _add_days,
             "the date so many days later, or earlier if negative",
             (("user.meta.created.addDays(30)", '"2026-03-02T08:15:00Z"'),)),
)  # fmt: skip
