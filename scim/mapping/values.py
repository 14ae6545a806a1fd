"""Values of the language and their kinds: JSON, with whole numbers of 64 bits and fractions that are numbers."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeAlias

from scim.mapping import limits
from scim.mapping.errors import ExpressionError, LimitError
from scim.mapping.run import Run

# JSON as Python has it; the operations look at kinds before they touch a value.
Value: TypeAlias = Any


class Kind(StrEnum):
    """Named as messages name them."""

    ANY = "any value"
    EMPTY = "empty"
    TEXT = "text"
    WHOLE = "a whole number"
    FRACTION = "a fraction"
    TRUTH = "true or false"
    LIST = "a list"
    OBJECT = "an object"


KINDS: Final[Mapping[type, Kind]] = {
    type(None): Kind.EMPTY,
    str: Kind.TEXT,
    bool: Kind.TRUTH,
    int: Kind.WHOLE,
    float: Kind.FRACTION,
    list: Kind.LIST,
    dict: Kind.OBJECT,
}
NUMBERS = frozenset({Kind.WHOLE, Kind.FRACTION})
# What is one value and has an order.
SCALARS = NUMBERS | {Kind.TEXT, Kind.TRUTH}


def kind_of(value: Value) -> Kind:
    kind = KINDS.get(type(value))
    if kind is None:
        raise ExpressionError("a value is not JSON")
    return kind


def is_same(left: Value, right: Value, run: Run) -> bool:
    """Equality as in CEL: values of two kinds differ, numbers are compared by their amount."""
    run.spend(1)
    kind, other = kind_of(left), kind_of(right)
    if kind in NUMBERS and other in NUMBERS:
        return bool(left == right)
    if kind is not other:
        return False
    if kind is Kind.LIST:
        return len(left) == len(right) and all(is_same(one, two, run) for one, two in zip(left, right, strict=True))
    if kind is Kind.OBJECT:
        return left.keys() == right.keys() and all(is_same(left[name], right[name], run) for name in left)
    return bool(left == right)


def check_whole(value: int) -> int:
    if not limits.INT_MIN <= value <= limits.INT_MAX:
        raise ExpressionError("the result does not fit into 64 bits")
    return value


def check_text(text: str) -> str:
    if len(text) > limits.TEXT_CHARACTERS:
        raise text_too_long()
    return text


def check_list(values: list[Value]) -> list[Value]:
    if len(values) > limits.LIST_ELEMENTS:
        raise LimitError(f"a list would have more than {limits.LIST_ELEMENTS} elements")
    return values


def text_too_long() -> LimitError:
    return LimitError(f"a text would be longer than {limits.TEXT_CHARACTERS} characters")


def check_result(value: Value, run: Run) -> Value:
    """The result is written out, so what it shares with itself counts each time it occurs."""
    if type(value) is str:
        return check_text(value)
    total = 0
    left = [value]
    while left:
        run.spend(1)
        found = left.pop()
        if isinstance(found, str):
            total += len(found)
        elif isinstance(found, list):
            left.extend(found)
        elif isinstance(found, dict):
            total += sum(map(len, found))
            left.extend(found.values())
        if total > limits.TEXT_CHARACTERS * 2:
            raise LimitError("the result is too large")
    return value
