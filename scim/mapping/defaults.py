"""The mapping a connector begins with: everything that clients may write is carried over as it is.

No row has a rank, so resources are looked for by the rules that are usual for their type (`match_keys`).
"""

from scim.mapping.rows import MappingRow, MappingSet, OnNull, RowKind
from scim.mapping.shapes import variable_of
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.urns import ENTERPRISE_USER


def make_default_mapping(source: ResourceType, target: ResourceType | None = None) -> MappingSet:
    """A row for each attribute that both types have; members are carried over one by one, beside the mapping."""
    readable = {path.text for path in source.attributes}
    paths = [path for path in (target or source).writable if path.text in readable]
    rows = [_make_row(path, source) for path in paths if not path.attribute.is_secret and not path.attribute.as_rows]
    return MappingSet(tuple(rows), name=f"{source.name}, as it is", resource_type=source.name)


def make_default_rows(resource_type: ResourceType) -> tuple[MappingRow, ...]:
    """The rows alone."""
    return make_default_mapping(resource_type).rows


def _make_row(path: AttributePath, source: ResourceType) -> MappingRow:
    """A manager is named by the id over there; an `active` that nobody set changes nothing."""
    if (path.schema, path.attribute.name) == (ENTERPRISE_USER, "manager"):
        expression = f"ref({variable_of(source)}['{ENTERPRISE_USER}'].manager)"
        return MappingRow(f"{path.text}.value", RowKind.EXPRESSION, expression)
    on_null = OnNull.CLEAR if path.attribute.default is None else OnNull.SKIP
    return MappingRow(path.text, RowKind.DIRECT, path.text, on_null=on_null)
