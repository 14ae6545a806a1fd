"""Closures that decide what runs: `||`, `&&` and the macros; and what is known about the result of an operator."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from scim.mapping.code import Runner
from scim.mapping.errors import ExpressionError, LimitError, placed
from scim.mapping.nodes import Binary, Macro
from scim.mapping.operations import EMPTY_HINT, as_truth, read_member
from scim.mapping.run import Run
from scim.mapping.shapes import ANYTHING, Shape
from scim.mapping.values import NUMBERS, SCALARS, Kind, Value, kind_of

_TRUTH: Final = Shape(Kind.TRUTH)
_COMPARISONS: Final = frozenset({"<", "<=", ">", ">="})
_ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "%"})
_ADDED: Final = NUMBERS | {Kind.TEXT, Kind.LIST}


def truth_at(value: Value, at: int) -> bool:
    try:
        return as_truth(value)
    except ExpressionError as error:
        raise placed(error, at) from None


def unreadable(value: Value, name: str, at: int) -> ExpressionError:
    try:
        read_member(value, name)
    except ExpressionError as error:
        return placed(error, at)
    return ExpressionError(f"cannot read '{name[:40]}'", at)


def either(left: Runner, right: Runner, node: Binary, *, deciding: bool) -> Runner:
    """`||` (decided by true) or `&&` (by false). As in CEL an error of one side is nothing where the other decides."""

    def run_either(run: Run) -> Value:
        try:
            if truth_at(left(run), node.left.at) is deciding:
                return deciding
        except LimitError:
            raise
        except ExpressionError:
            if truth_at(right(run), node.right.at) is deciding:
                return deciding
            raise
        return truth_at(right(run), node.right.at)

    return run_either


def _elements(node: Macro, target: Runner, cost: int, run: Run) -> Iterator[Value]:
    """Each element as the variable. An empty list and no list are the same (RFC 7643 section 2.5)."""
    values = target(run)
    if values is None:
        return
    if not isinstance(values, list):
        raise ExpressionError(f"{node.name} goes through a list, not {kind_of(values)}", node.at)
    for value in values:
        run.spend(cost + 1)
        run.values[node.variable] = value
        yield value


def _filter(node: Macro, target: Runner, body: Runner, cost: int) -> Runner:
    at = node.body.at
    return lambda run: [value for value in _elements(node, target, cost, run) if truth_at(body(run), at)]


def _map(node: Macro, target: Runner, body: Runner, cost: int) -> Runner:
    return lambda run: [body(run) for _ in _elements(node, target, cost, run)]


def _decide(node: Macro, target: Runner, body: Runner, cost: int) -> Runner:
    """Exists and all are `||` and `&&` over the elements, also in what they do with errors."""
    deciding = node.name == "exists"

    def run_decide(run: Run) -> Value:
        failed: ExpressionError | None = None
        for _ in _elements(node, target, cost, run):
            try:
                if truth_at(body(run), node.body.at) is deciding:
                    return deciding
            except LimitError:
                raise
            except ExpressionError as error:
                failed = failed or error
        if failed:
            raise failed
        return not deciding

    return run_decide


MACROS: Final[Mapping[str, Callable[[Macro, Runner, Runner, int], Runner]]] = MappingProxyType(
    {"filter": _filter, "map": _map, "exists": _decide, "all": _decide}
)


def shape_of_result(node: Binary, left: Shape, right: Shape) -> Shape:
    """Raises ExpressionError when values of these kinds never fit."""
    kinds = {left.kind, right.kind}
    if Kind.ANY in kinds or node.operator not in _COMPARISONS | _ARITHMETIC:
        return _TRUTH if node.operator not in _ARITHMETIC else ANYTHING
    if node.operator in _COMPARISONS:
        if (len(kinds) == 1 or kinds <= NUMBERS) and kinds <= SCALARS:
            return _TRUTH
        raise ExpressionError(f"cannot compare {left.kind} with {right.kind}", node.at, hint=_hint(kinds))
    if len(kinds) > 1 or not kinds <= (_ADDED if node.operator == "+" else NUMBERS):
        verb = {"+": "add", "-": "subtract", "*": "multiply"}.get(node.operator, "divide")
        raise ExpressionError(f"cannot {verb} {left.kind} and {right.kind}", node.at, hint=_hint(kinds))
    return left if left.kind is not Kind.LIST or left == right else Shape(Kind.LIST)


def _hint(kinds: set[Kind]) -> str:
    return EMPTY_HINT if Kind.EMPTY in kinds else "make both the same with toText(value) or toInt(value)"
