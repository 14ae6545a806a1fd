"""Reading a request body as JSON, bounded and strict (RFC 7644 section 3.1, RFC 8259).

orjson refuses NaN, infinities, lone surrogates, broken UTF-8 and what nests beyond 1,024. What it lets through is
looked for here: nesting beyond 32, U+0000 (PostgreSQL can't hold it), whole numbers beyond 64 bits (it turns them
into floats or unsigned integers) and a member named twice (it keeps the last; two parsers in a row could each obey
another one).
"""

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any, Final, TypeAlias

import orjson

from scim.protocol import bounds
from scim.protocol.errors import ScimError, invalid_syntax, invalid_value

# mypy has no useful recursive type for JSON (lists are invariant): the protocol narrows it by its schema tables.
Json: TypeAlias = Any
JsonObject: TypeAlias = dict[str, Any]

_NUL: Final = "\x00"
# A string, and the colon after it when it names a member. In well-formed JSON every member matches exactly once.
_STRINGS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?')


def parse_json(data: bytes) -> Json:
    """Parse a body. Raises ScimError 400 invalidSyntax, or invalidValue for text or numbers that can't be stored."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        # The message of the parser quotes no input: it can be passed on.
        raise invalid_syntax(
            f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error
    if _inspect(value) != sum(1 for colon in _STRINGS.findall(data) if colon):
        raise invalid_syntax("An object of the body names the same member twice.")
    return value


def parse_json_object(data: bytes) -> JsonObject:
    """Parse a body that has to be one JSON object. Raises as parse_json."""
    value = parse_json(data)
    if not isinstance(value, dict):
        raise invalid_syntax("The body has to be a JSON object.")
    return value


def _inspect(root: Json) -> int:
    """Check every value within the bounds and return how many members all objects together hold."""
    members = 0
    level: list[Any] = [[root]]
    for _depth in range(bounds.JSON_DEPTH + 1):
        objects = [container for container in level if isinstance(container, dict)]
        members += sum(map(len, objects))
        if any(_NUL in name for name in chain.from_iterable(objects)):
            raise _nul_error()
        level = _check_values(chain.from_iterable(map(_values, level)))
        if not level:
            return members
    raise invalid_syntax(f"The body nests deeper than {bounds.JSON_DEPTH} levels.")


def _values(container: dict[str, Any] | list[Any]) -> Iterable[Json]:
    return container.values() if isinstance(container, dict) else container


def _check_values(values: Iterable[Json]) -> list[Json]:
    """Check the simple values; the objects and arrays among them are what is left to look at."""
    deeper = []
    for value in values:
        if isinstance(value, str):
            if _NUL in value:
                raise _nul_error()
        elif isinstance(value, list | dict):
            deeper.append(value)
        elif value is not None and is_beyond_64_bits(value):
            raise invalid_value("The body holds a number beyond 64 bits.")
    return deeper


def is_beyond_64_bits(number: float) -> bool:
    """Whether a parsed number is too large. A whole number beyond 64 bits arrives as a float, rounded to the bound."""
    if isinstance(number, int):
        return not bounds.INTEGER_MIN <= number <= bounds.INTEGER_MAX
    return not bounds.INTEGER_MIN < number < bounds.INTEGER_MAX


def _nul_error() -> ScimError:
    return invalid_value("The body holds the character U+0000, which no attribute may hold.")
