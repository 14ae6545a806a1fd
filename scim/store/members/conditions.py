"""The condition of `members[condition]` as SQL over a membership row `m` and its member's resource row `r`.

Held to scim.protocol.filter.evaluate by a test: an element of a pending member has a value alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

from scim.protocol.filter.nodes import And, Comparison, Node, Not, Operator, Or, Present, ValuePath
from scim.protocol.scalars import comparison_key

# Sub-attribute: expression to compare, folded where the schema compares so, and whether it may be NULL.
COLUMNS: Final[Mapping[str, tuple[str, bool]]] = {
    "value": ("m.value", False),
    "type": ("lower(m.member_type)", True),
    "display": ("coalesce(r.display_name, r.user_name)", True),
    "$ref": ("CASE m.member_type WHEN 'User' THEN %(users)s WHEN 'Group' THEN %(groups)s END || m.value", True),
}
OPERATORS: Final[Mapping[Operator, str]] = {
    Operator.EQ: "{0} = {1}",
    Operator.NE: "{0} IS DISTINCT FROM {1}",
    Operator.CO: "position({1} in {0}) > 0",
    Operator.SW: "starts_with({0}, {1})",
    Operator.EW: "right({0}, length({1})) = {1}",
    Operator.GT: "{0} > {1}",
    Operator.GE: "{0} >= {1}",
    Operator.LT: "{0} < {1}",
    Operator.LE: "{0} <= {1}",
}


def compile_condition(condition: Node, *, locations: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """SQL that is true or false, never NULL, and its parameters."""
    params: dict[str, Any] = {"users": locations["User"], "groups": locations["Group"]}

    def hold(value: Any) -> str:
        name = f"p{len(params)}"
        params[name] = value
        return f"%({name})s::text"

    return _compile(condition, hold), params


def _compile(node: Node, hold: Callable[[Any], str]) -> str:
    match node:
        case And(operands):
            return _join(" AND ", operands, hold)
        case Or(operands):
            return _join(" OR ", operands, hold)
        case Not(operand):
            return f"NOT ({_compile(operand, hold)})"
        case Present(path):
            return f"({COLUMNS[path.leaf.name][0]}) <> '' IS TRUE"
        case Comparison():
            return _compare(node, hold)
        case ValuePath():
            raise ValueError("a value path does not nest")
        case _:
            assert_never(node)


def _join(word: str, operands: tuple[Node, ...], hold: Callable[[Any], str]) -> str:
    return word.join(f"({_compile(operand, hold)})" for operand in operands)


def _compare(node: Comparison, hold: Callable[[Any], str]) -> str:
    expression, may_be_null = COLUMNS[node.path.leaf.name]
    if node.value is None:
        return f"({expression}) IS {'NOT ' if node.operator is Operator.NE else ''}NULL"
    text = OPERATORS[node.operator].format(f"({expression})", hold(comparison_key(node.path.leaf, node.value)))
    # Coalescing what cannot be NULL would hide `value =` from the index.
    return f"coalesce({text}, false)" if may_be_null and node.operator is not Operator.NE else text
