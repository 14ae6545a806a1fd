"""What a resource is found by, written beside it: folded columns, rows of the index and of unique values."""

from typing import Any
from uuid import UUID

from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType
from scim.services.writes import DirectoryOptions, refuse_taken
from scim.store.index import index_rows, replace_index_rows
from scim.store.resources import LookupColumns, look_up_columns
from scim.store.unique import replace_unique_rows, unique_values


def look_up(*, resource_type: ResourceType, document: JsonObject, options: DirectoryOptions) -> LookupColumns:
    """The columns of a document, with a unique name where the tenant wants that of groups."""
    is_named_once = resource_type.name == "Group" and options.unique_group_names
    return look_up_columns(resource_type, document, unique_name=is_named_once)


def write_rows(
    *, resource_type: ResourceType, resource_id: UUID, before: JsonObject | None, after: JsonObject | None
) -> None:
    """Rows of the index and of unique values, where the documents differ in them. Raises ScimError 409."""
    documents = (before or {}, after or {})
    named: dict[str, Any] = {"resource_type": resource_type.name, "resource_id": resource_id}
    indexed = [index_rows(resource_type, document) for document in documents]
    replace_index_rows(**named, before=indexed[0], after=indexed[1])
    unique = [unique_values(resource_type, document) for document in documents]
    added = [held for row, held in unique[1].items() if row not in unique[0]]
    refuse_taken(resource_type=resource_type, resource_id=resource_id, values=added)
    replace_unique_rows(**named, before=unique[0], after=unique[1])
