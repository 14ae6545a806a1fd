"""Attributes that are columns of the resource's row: what it is looked up by, and what the server itself assigns."""

from collections.abc import Mapping
from typing import Final

from scim.protocol.attributes import AttributeType
from scim.protocol.paths import AttributePath
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.places import Form, Place
from scim.store.lookup import find_lookup

ID: Final = Place('(r.id::text) COLLATE "C"', Form.TEXT)
# Times are shown in milliseconds, and compared as they are shown.
META: Final[Mapping[str, Place]] = {
    "resourceType": Place('r.resource_type COLLATE "C"', Form.TEXT),
    "created": Place("date_trunc('milliseconds', r.created_at)", Form.MOMENT),
    "lastModified": Place("date_trunc('milliseconds', r.modified_at)", Form.MOMENT),
    "version": Place("""('W/"' || r.version || '"') COLLATE "C\"""", Form.TEXT),
    # The attribute as a whole: every resource has it.
    "meta": Place("TRUE", Form.FLAG),
}


def find_column(path: AttributePath, params: Parameters) -> Place | None:
    """The column of an attribute, None when it has none."""
    if path.text == "id":
        return ID
    if is_meta(path):
        return MetaHolder().place(path, params)
    column = find_lookup(path)
    if column is None:
        return None
    return Place(f"r.{column.name}", Form.FLAG if column.type is AttributeType.BOOLEAN else Form.TEXT)


def is_meta(path: AttributePath) -> bool:
    return path.schema is None and path.attribute.name == "meta"


class MetaHolder:
    """The element of `meta`."""

    def place(self, path: AttributePath, params: Parameters) -> Place:
        if path.leaf.name != "location":
            return META[path.leaf.name]
        before = params.hold_location(params.resource_type.name)
        return Place(f'({before} || r.id::text) COLLATE "C"', Form.TEXT)
