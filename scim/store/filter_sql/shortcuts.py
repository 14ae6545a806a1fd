"""Comparisons that need no look at the document, because a key or an index has the answer as a whole."""

from scim.protocol.filter.nodes import Comparison, Operator
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.places import OPERATORS
from scim.store.filter_sql.rows import BELOW
from scim.store.index import index_value, is_whole_in_index

# The primary key (tenant_id, resource_type, path, value, resource_id): all of it for equality, as a range for a prefix
# or an order, its first three columns for anything else.
IN_INDEX = """
SELECT i.resource_id FROM scim_resource_index i
WHERE i.tenant_id = %(tenant)s AND i.resource_type = {type} AND i.path = {path} AND {condition}
"""
# How many values hold a text nobody can foresee: the planner says a third, and would read every resource to join with
# those found. As an array they are looked up one by one.
FOUND = "r.id = ANY(ARRAY({ids}))"


def compile_shortcut(node: Comparison, params: Parameters) -> str | None:
    """SQL of the comparison of a resource's attribute, None when the document has to be asked."""
    if node.value is None or node.operator is Operator.NE:
        return None
    if node.operator is Operator.EQ and node.path.text == "id":
        return f"r.id = {params.hold_id(node.value)}"
    if node.operator is Operator.EQ and (params.resource_type.name, node.path.text) == ("User", "groups.value"):
        return f"r.id IN {BELOW.format(group=params.hold_id(node.value))}"
    if is_whole_in_index(params.resource_type, node.path.text, node.operator):
        ids = select_from_index(node, params)
        return f"r.id IN ({ids})" if node.operator is Operator.EQ else FOUND.format(ids=ids)
    return None


def select_from_index(node: Comparison, params: Parameters) -> str:
    """The ids of the resources that have such a value, where the index has whole values."""
    wanted = params.hold(index_value(node.path.leaf, node.value))
    condition = OPERATORS[node.operator].format("i.value", wanted)
    return IN_INDEX.format(type=params.type_placeholder, path=params.hold(node.path.text), condition=condition)
