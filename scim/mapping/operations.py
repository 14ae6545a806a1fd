"""Operators and access to parts, on values: what CEL does, and an error where CEL has none to offer.

Fractions never become infinite or not-a-number, for JSON has neither; CEL would go on with them.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from scim.mapping.errors import ExpressionError
from scim.mapping.run import Run
from scim.mapping.values import (
    NUMBERS,
    SCALARS,
    Kind,
    Value,
    check_list,
    check_text,
    check_whole,
    is_same,
    kind_of,
)

Operation: TypeAlias = Callable[[Value, Value, Run], Value]
_Plain: TypeAlias = Callable[[Value, Value], Value]

EMPTY_HINT: Final = "wrap a value that may be empty in coalesce(value, '')"
_SAME_HINT: Final = "make both the same with toText(value) or toInt(value)"


def _add(left: Value, right: Value, run: Run) -> Value:
    kind = _same_kind("add", left, right)
    if kind is Kind.TEXT:
        run.spend_on(left, right)
        return check_text(left + right)
    if kind is Kind.LIST:
        run.spend_on(left, right)
        return check_list(left + right)
    return _amount("add", kind, lambda: left + right)


def _subtract(left: Value, right: Value) -> Value:
    return _amount("subtract", _same_kind("subtract", left, right), lambda: left - right)


def _multiply(left: Value, right: Value) -> Value:
    return _amount("multiply", _same_kind("multiply", left, right), lambda: left * right)


def _divide(left: Value, right: Value) -> Value:
    kind = _same_kind("divide", left, right)
    if kind in NUMBERS and right == 0:
        raise ExpressionError("cannot divide by zero")
    if kind is Kind.WHOLE:
        return check_whole(_truncated(left, right))
    return _amount("divide", kind, lambda: left / right)


def _remain(left: Value, right: Value) -> Value:
    kind = _same_kind("divide", left, right)
    if kind is not Kind.WHOLE:
        raise ExpressionError(f"% is for whole numbers, not for {kind}")
    if right == 0:
        raise ExpressionError("cannot divide by zero")
    return left - right * _truncated(left, right)


def _truncated(left: int, right: int) -> int:
    """Division towards zero, as CEL has it, and not down, as Python has it."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _amount(verb: str, kind: Kind, compute: Callable[[], Value]) -> Value:
    if kind is Kind.WHOLE:
        return check_whole(compute())
    if kind is not Kind.FRACTION:
        raise ExpressionError(f"cannot {verb} {kind} and {kind}")
    result = compute()
    if not math.isfinite(result):
        raise ExpressionError("the result is too large for a number")
    return result


def _same_kind(verb: str, left: Value, right: Value) -> Kind:
    kind, other = kind_of(left), kind_of(right)
    if kind is other and kind is not Kind.EMPTY:
        return kind
    hint = EMPTY_HINT if Kind.EMPTY in (kind, other) else _SAME_HINT
    raise ExpressionError(f"cannot {verb} {kind} and {other}", hint=hint)


def _ordered(compare: _Plain) -> Operation:
    def operate(left: Value, right: Value) -> Value:
        kind, other = kind_of(left), kind_of(right)
        if not (kind is other or {kind, other} <= NUMBERS) or kind not in SCALARS:
            hint = EMPTY_HINT if Kind.EMPTY in (kind, other) else ""
            raise ExpressionError(f"cannot compare {kind} with {other}", hint=hint)
        return compare(left, right)

    return _plain(operate)


def _plain(operate: _Plain) -> Operation:
    """For what takes the same time whatever its values."""
    return lambda left, right, _run: operate(left, right)


def _contain(left: Value, right: Value, run: Run) -> Value:
    """`left in right`."""
    kind = kind_of(right)
    if kind is Kind.EMPTY:
        return False
    if kind is Kind.LIST:
        return any(is_same(left, element, run) for element in right)
    if kind is Kind.OBJECT:
        return isinstance(left, str) and left in right
    raise ExpressionError(f"'in' looks into a list or an object, not into {kind}")


BINARY: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        "+": _add,
        "-": _plain(_subtract),
        "*": _plain(_multiply),
        "/": _plain(_divide),
        "%": _plain(_remain),
        "==": is_same,
        "!=": lambda left, right, run: not is_same(left, right, run),
        "<": _ordered(lambda left, right: bool(left < right)),
        "<=": _ordered(lambda left, right: bool(left <= right)),
        ">": _ordered(lambda left, right: bool(left > right)),
        ">=": _ordered(lambda left, right: bool(left >= right)),
        "in": _contain,
    }
)


def negate(value: Value) -> Value:
    kind = kind_of(value)
    if kind not in NUMBERS:
        raise ExpressionError(f"cannot take {kind} negative")
    return check_whole(-value) if kind is Kind.WHOLE else -value


def as_truth(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    hint = "compare it, or use coalesce(value, false)" if value is None else ""
    raise ExpressionError(f"true or false is expected, not {kind_of(value)}", hint=hint)


def read_member(target: Value, name: str) -> Value:
    """A member that is not there is empty, as an unassigned attribute is (RFC 7643 section 2.5)."""
    if target is None or isinstance(target, dict):
        return None if target is None else target.get(name)
    hint = "use .filter(e, ...) or [0] first" if isinstance(target, list) else ""
    raise ExpressionError(f"cannot read '{name[:40]}' of {kind_of(target)}", hint=hint)


def read_element(target: Value, key: Value) -> Value:
    """`target[key]`; an element that is not there is empty, where CEL has an error."""
    if target is None:
        return None
    if isinstance(target, dict) and isinstance(key, str):
        return target.get(key)
    if isinstance(target, list) and kind_of(key) is Kind.WHOLE:
        return target[key] if 0 <= key < len(target) else None
    raise ExpressionError(f"cannot look up {kind_of(key)} in {kind_of(target)}")
