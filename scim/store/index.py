"""Index rows: values by which resources are looked up and that are no columns, because a resource may have several.

They are derived from the document and written only where they differ. A long value is there with its beginning alone.
Numbers and times are there as text, which tells whether two are equal and not which is greater.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol import bounds, urns
from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.filter.evaluate import values_at
from scim.protocol.filter.nodes import Operator
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.definitions import ResourceType, derived_once
from scim.protocol.search_document import search_value
from scim.store.lookup import find_lookup

IndexRow: TypeAlias = tuple[str, str]  # path, value

# Compared as text, and so ordered and searched in as rows are.
TEXTS: Final = frozenset({AttributeType.STRING, AttributeType.REFERENCE, AttributeType.BINARY})
# What has but two values, or none of its own.
NEVER: Final = frozenset({AttributeType.BOOLEAN, AttributeType.COMPLEX})
# Who reports to whom is asked for, though managers' ids are no index of the schema's.
EXTRA_PATHS: Final = frozenset({f"{urns.ENTERPRISE_USER}:manager.value"})
# A row of the key has to fit into 2,704 bytes; this is what is left for path and value.
PATH_AND_VALUE_BYTES: Final = 2560
# A value of fewer bytes is there as a whole, whatever its path.
CUT_FROM_BYTES: Final = 1024

# The primary key (tenant_id, resource_type, path, value, resource_id) finds what goes.
REPLACE = """
WITH gone AS (
    DELETE FROM scim_resource_index i USING unnest(%(old_paths)s::text[], %(old_values)s::text[]) AS o(path, value)
    WHERE i.tenant_id = %(tenant)s AND i.resource_type = %(type)s AND i.path = o.path AND i.value = o.value
      AND i.resource_id = %(resource)s
)
INSERT INTO scim_resource_index (tenant_id, resource_type, path, value, resource_id)
SELECT %(tenant)s::uuid, %(type)s::text, n.path, n.value, %(resource)s::uuid
FROM unnest(%(new_paths)s::text[], %(new_values)s::text[]) AS n(path, value)
ON CONFLICT DO NOTHING
"""


def index_rows(resource_type: ResourceType, document: JsonObject) -> frozenset[IndexRow]:
    """The rows of a canonical document: path and value, folded and cut."""
    return frozenset(
        (path.text, cut_value(path.text, value))
        for path in indexed_paths(resource_type)
        for found in values_at(path, document)
        if (value := index_value(path.leaf, found)) is not None
    )


def index_value(attribute: Attribute, value: Json) -> str | None:
    """A value as a row has it, before it is cut; None when it isn't of the type."""
    found = search_value(attribute, value)
    return found if found is None or isinstance(found, str) else repr(found)


def is_in_index(resource_type: ResourceType, path: str, operator: Operator) -> bool:
    """Whether every value of the path has its row, and rows can answer the operator."""
    if path in resource_type.unindexed:
        return False
    known = (known for known in indexed_paths(resource_type) if known.text == path)
    return any(operator is Operator.EQ or one.leaf.type in TEXTS for one in known)


def is_whole_in_index(resource_type: ResourceType, path: str, operator: Operator) -> bool:
    """Whether none of them is ever cut, because the schema bounds them: rows say the same as documents then."""
    if not is_in_index(resource_type, path, operator):
        return False
    known = (known for known in indexed_paths(resource_type) if known.text == path)
    return any(k.leaf.indexed and _value_bytes(path) == bounds.INDEXED_FOLDED_BYTES for k in known)


def cut_value(path: str, folded: str) -> str:
    """The beginning of a folded value, as much of it as an index row holds."""
    return folded.encode()[: _value_bytes(path)].decode(errors="ignore")


def insert_index_rows(*, resource_type: str, resource_id: UUID, rows: Iterable[IndexRow]) -> None:
    """Write the rows of a new resource; no statement when there is none."""
    replace_index_rows(resource_type=resource_type, resource_id=resource_id, before=(), after=rows)


def replace_index_rows(
    *, resource_type: str, resource_id: UUID, before: Iterable[IndexRow], after: Iterable[IndexRow]
) -> None:
    """Write what differs, in one statement or none. A deleted resource has no rows after."""
    kept, wanted = frozenset(before), frozenset(after)
    old, new = sorted(kept - wanted), sorted(wanted - kept)
    if not old and not new:
        return
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "type": resource_type, "resource": resource_id}
    scope.execute(REPLACE, {**params, **_columns("old", old), **_columns("new", new)})


def _value_bytes(path: str) -> int:
    return max(min(bounds.INDEXED_FOLDED_BYTES, PATH_AND_VALUE_BYTES - len(path)), CUT_FROM_BYTES)


def _columns(name: str, rows: list[IndexRow]) -> dict[str, list[str]]:
    return {f"{name}_paths": [path for path, _ in rows], f"{name}_values": [value for _, value in rows]}


@derived_once
def indexed_paths(resource_type: ResourceType) -> tuple[AttributePath, ...]:
    """What has rows."""
    return tuple(path for path in resource_type.paths if _is_indexed(path))


def _is_indexed(path: AttributePath) -> bool:
    attribute: Attribute = path.leaf
    wanted = attribute.indexed or path.text in EXTRA_PATHS
    return wanted and attribute.type not in NEVER and not path.attribute.as_rows and find_lookup(path) is None
