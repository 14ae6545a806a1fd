"""A filter's tree as a condition on the resource row `r`.

An expression that is NULL counts as false. And and Or keep to that by themselves; negations are IS NOT TRUE.
"""

from typing import assert_never

from scim.protocol.filter.nodes import And, Comparison, Node, Not, Operator, Or, Present, ValuePath
from scim.protocol.paths import AttributePath
from scim.store.filter_sql.candidates import find_candidates
from scim.store.filter_sql.columns import MetaHolder, find_column, is_meta
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.places import (
    OPERATORS,
    Holder,
    JsonHolder,
    Place,
    RowHolder,
    SimpleHolder,
    hold_wanted,
)
from scim.store.filter_sql.rows import find_rows, place_in_rows
from scim.store.filter_sql.shortcuts import compile_shortcut


def compile_filter(node: Node, params: Parameters) -> str:
    """SQL that holds for the rows `r` of the filter, and for the others is false or NULL."""
    exact = _compile(node, ResourceHolder(), params)
    # Where an index can name the few rows that may match, only those are looked at.
    candidates = find_candidates(node, params)
    return f"r.id IN ({candidates}) AND ({exact})" if candidates else exact


class ResourceHolder:
    """The resource itself."""

    def place(self, path: AttributePath, params: Parameters) -> Place:
        rows = find_rows(path, params)
        if rows:
            return place_in_rows(path, *rows)
        return find_column(path, params) or JsonHolder("r.search").place(path, params)


def _compile(node: Node, holder: Holder, params: Parameters) -> str:
    match node:
        case And(operands):
            return " AND ".join(f"({_compile(operand, holder, params)})" for operand in operands)
        case Or(operands):
            return " OR ".join(f"({_compile(operand, holder, params)})" for operand in operands)
        case Not(operand):
            return f"({_compile(operand, holder, params)}) IS NOT TRUE"
        case Present(path):
            return holder.place(path, params).has_value()
        case ValuePath(path, condition):
            return _compile_value_path(path, condition, params)
        case Comparison():
            return _compile_comparison(node, holder, params)
        case _:
            assert_never(node)


def _compile_value_path(path: AttributePath, condition: Node, params: Parameters) -> str:
    rows = find_rows(path, params)
    if rows:
        source, alias = rows
        return f"EXISTS (SELECT FROM {source} WHERE {_compile(condition, RowHolder(alias), params)})"
    if is_meta(path):
        return _compile(condition, MetaHolder(), params)
    place = JsonHolder("r.search").place(path, params)
    element: Holder = JsonHolder(place.expression) if path.attribute.is_complex else SimpleHolder(place)
    inner = _compile(condition, element, params)
    return place.any(inner) if place.source else f"{place.expression} IS NOT NULL AND ({inner})"


def _compile_comparison(node: Comparison, holder: Holder, params: Parameters) -> str:
    shortcut = compile_shortcut(node, params) if isinstance(holder, ResourceHolder) else None
    if shortcut:
        return shortcut
    place = holder.place(node.path, params)
    if node.value is None:
        return place.has_value() if node.operator is Operator.NE else f"({place.has_value()}) IS NOT TRUE"
    wanted = hold_wanted(place, node.path.leaf, node.value, params)
    found = place.any(OPERATORS[node.operator].format(place.expression, wanted))
    if node.operator is Operator.NE:
        return f"({found}) OR ({place.has_value()}) IS NOT TRUE"
    return found
