"""Whether a document matches a filter (RFC 7644 section 3.4.2.2): the reference the SQL compiler is held to.

A multi-valued attribute matches when one of its values does. An unassigned attribute has no value: it is not equal to
any (`ne` matches), and no other operator but `eq null` matches it.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, assert_never

from scim.protocol.filter.nodes import And, Comparison, Node, Not, Operator, Or, Present, ValuePath
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.scalars import comparison_key

_COMPARE: Final[Mapping[Operator, Callable[[Any, Any], bool]]] = MappingProxyType(
    {
        Operator.EQ: operator.eq,
        Operator.NE: operator.ne,
        Operator.CO: operator.contains,
        Operator.SW: str.startswith,
        Operator.EW: str.endswith,
        Operator.GT: operator.gt,
        Operator.GE: operator.ge,
        Operator.LT: operator.lt,
        Operator.LE: operator.le,
    },
)


def matches(node: Node, document: JsonObject) -> bool:
    """Evaluate on a canonical document that has its id, meta and whatever else the filter may name."""
    match node:
        case And(operands):
            return all(matches(operand, document) for operand in operands)
        case Or(operands):
            return any(matches(operand, document) for operand in operands)
        case Not(operand):
            return not matches(operand, document)
        case Present(path):
            return any(_has_value(value) for value in values_at(path, document))
        case ValuePath(path, condition):
            return any(matches(condition, as_element(value)) for value in values_at(path, document))
        case Comparison():
            return _compare(node, document)
        case _:
            assert_never(node)


def values_at(path: AttributePath, document: JsonObject) -> Iterator[Json]:
    """Each value the path leads to, elements of multi-valued attributes one by one."""
    holder = document.get(path.schema, {}) if path.schema else document
    for value in _each(holder.get(path.attribute.name)):
        if path.sub_attribute is None:
            yield value
        elif isinstance(value, dict):
            yield from _each(value.get(path.sub_attribute.name))


def as_element(value: Json) -> JsonObject:
    """An element as an object; a simple value is its own `value`."""
    return value if isinstance(value, dict) else {"value": value}


def _each(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _compare(node: Comparison, document: JsonObject) -> bool:
    found = [comparison_key(node.path.leaf, value) for value in values_at(node.path, document)]
    if node.value is None:
        return bool(found) is (node.operator is Operator.NE)
    if not found:
        return node.operator is Operator.NE
    wanted = comparison_key(node.path.leaf, node.value)
    return any(key is not None and _COMPARE[node.operator](key, wanted) for key in found)


def _has_value(value: Json) -> bool:
    """Section 3.4.2.2, `pr`: non-empty, or a complex value with a non-empty part."""
    if isinstance(value, dict):
        return any(_has_value(part) for part in value.values())
    if isinstance(value, list):
        return any(_has_value(part) for part in value)
    return value is not None and value != ""
