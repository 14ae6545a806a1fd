"""Which few resources a filter can match at all, as an index tells: a SELECT of their ids.

Every match is among the candidates, and the whole filter is then asked of them alone. Index rows hold a value's
beginning when it is long: what they say is necessary, never sufficient.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scim.protocol.filter.nodes import And, Comparison, Node, Operator, Or, ValuePath
from scim.protocol.search_document import search_value
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.shortcuts import IN_INDEX, select_from_index
from scim.store.index import CUT_FROM_BYTES, cut_value, index_value, is_in_index, is_whole_in_index
from scim.store.lookup import find_lookup

# Among index rows. A value that may have been cut is a candidate for any part.
CONDITIONS: Final[Mapping[Operator, str]] = {
    Operator.EQ: "i.value = {0}",
    Operator.SW: "i.value ^@ {0}",
    Operator.CO: f"(strpos(i.value, {{0}}) > 0 OR octet_length(i.value) >= {CUT_FROM_BYTES})",
    Operator.EW: f"(right(i.value, length({{0}})) = {{0}} OR octet_length(i.value) >= {CUT_FROM_BYTES})",
}
# Index scim_member_groups_of.
GROUPS_WITH = "SELECT m.group_id FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.member_id = {0}"
# The index of the look-up column.
BY_COLUMN = """
SELECT c.id FROM scim_resource c
WHERE c.tenant_id = %(tenant)s AND c.resource_type = {2} AND c.{0} = {1} AND c.deleted_at IS NULL
"""
BY_ID = "SELECT {0}"


@dataclass(frozen=True)
class _Candidates:
    """`rank` is lower the fewer they are likely to be."""

    rank: int
    sql: str


_FROM_BEGINNING: Final = frozenset({Operator.EQ, Operator.SW})
_RANKS: Final = {Operator.EQ: 0, Operator.SW: 1, Operator.CO: 2, Operator.EW: 2}


def find_candidates(node: Node, params: Parameters) -> str | None:
    """The SELECT, None when no index helps or the condition alone can use one."""
    found = _find(node, "", params)
    return found.sql if found else None


def _find(node: Node, prefix: str, params: Parameters) -> _Candidates | None:
    """`prefix` is the path of the attribute whose element the node is about."""
    match node:
        case And(operands):
            return min(_each(operands, prefix, params), key=lambda found: found.rank, default=None)
        case Or(operands):
            return _unite(operands, prefix, params)
        case ValuePath(path, condition):
            return _find(condition, f"{path.text}.", params)
        case Comparison():
            return _find_compared(node, f"{prefix}{node.path.text}", params)
        case _:
            return None


def _each(operands: Iterable[Node], prefix: str, params: Parameters) -> list[_Candidates]:
    return [found for operand in operands if (found := _find(operand, prefix, params))]


def _unite(operands: tuple[Node, ...], prefix: str, params: Parameters) -> _Candidates | None:
    found = [_find(operand, prefix, params) or _find_alone(operand, prefix, params) for operand in operands]
    known = [candidates for candidates in found if candidates]
    if len(known) < len(operands):
        return None
    return _Candidates(max(candidates.rank for candidates in known), " UNION ALL ".join(c.sql for c in known))


def _find_compared(node: Comparison, path: str, params: Parameters) -> _Candidates | None:
    if node.value is None:
        return None
    if (params.resource_type.name, path, node.operator) == ("Group", "members.value", Operator.EQ):
        return _Candidates(0, GROUPS_WITH.format(params.hold_id(node.value)))
    condition = CONDITIONS.get(node.operator)
    is_known = condition and is_in_index(params.resource_type, path, node.operator)
    if not condition or not is_known or _has_shortcut(node, params):
        return None
    wanted = str(index_value(node.path.leaf, node.value))
    held = params.hold(cut_value(path, wanted) if node.operator in _FROM_BEGINNING else wanted)
    sql = IN_INDEX.format(type=params.type_placeholder, path=params.hold(path), condition=condition.format(held))
    return _Candidates(_RANKS[node.operator], sql)


def _find_alone(node: Node, prefix: str, params: Parameters) -> _Candidates | None:
    """Within Or: what by itself would use its index without candidates."""
    if prefix or not isinstance(node, Comparison) or node.value is None:
        return None
    if _has_shortcut(node, params) and node.operator in _RANKS:
        return _Candidates(_RANKS[node.operator], select_from_index(node, params))
    if node.operator is not Operator.EQ:
        return None
    if node.path.text == "id":
        return _Candidates(0, BY_ID.format(params.hold_id(node.value)))
    column = find_lookup(node.path)
    if column is None or not column.has_index:
        return None
    wanted = params.hold(search_value(node.path.leaf, node.value))
    return _Candidates(0, BY_COLUMN.format(column.name, wanted, params.type_placeholder))


def _has_shortcut(node: Comparison, params: Parameters) -> bool:
    """Whether the comparison itself is one of index rows; a path within brackets names no attribute of a resource."""
    return is_whole_in_index(params.resource_type, node.path.text, node.operator)
