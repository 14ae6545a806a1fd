"""What a client sends to fill the attributes of a schema: a body to create a resource with, and one that changes it."""

from typing import Any, Final

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Schema
from scim.protocol.schemas.definitions import ResourceType

_SIMPLE: Final[dict[AttributeType, Any]] = {
    AttributeType.STRING: "text",
    AttributeType.BOOLEAN: True,
    AttributeType.DECIMAL: 1.5,
    AttributeType.INTEGER: 1,
    AttributeType.DATE_TIME: "2026-11-26T09:30:00Z",
    AttributeType.BINARY: "AAECAw==",
    AttributeType.REFERENCE: "https://example.com/1",
}
_NAMES: Final = {"userName": "ada@example.com", "displayName": "Analytical Engines"}


def list_sent(schema: Schema) -> list[Attribute]:
    """The attributes that a client assigns."""
    return [attribute for attribute in schema.attributes if not attribute.is_read_only]


def make_new_resource(resource_type: ResourceType, schema: Schema) -> dict[str, Any]:
    """The body of a POST: what the type asks for, and everything that the schema has."""
    core = resource_type.schema
    is_core = core.id == schema.id
    wanted = list_sent(core) if is_core else [one for one in list_sent(core) if one.required]
    held = {one.name: _NAMES.get(one.name) or make_value(one) for one in wanted}
    if is_core:
        return {"schemas": [core.id], **held}
    return {
        "schemas": [core.id, schema.id],
        **held,
        schema.id: {one.name: make_value(one) for one in list_sent(schema)},
    }


def make_patch(resource_type: ResourceType, schema: Schema) -> dict[str, Any]:
    """The body of a PATCH that replaces the first attribute that may change."""
    is_core = resource_type.schema.id == schema.id
    changed = next((one for one in list_sent(schema) if one.mutability.value == "readWrite"), None)
    operations = []
    if changed is not None:
        path = changed.name if is_core else f"{schema.id}:{changed.name}"
        operations.append({"op": "replace", "path": path, "value": make_value(changed)})
    return {"schemas": [urns.PATCH_OP], "Operations": operations}


def make_value(attribute: Attribute) -> Any:
    """A value that the attribute takes: a canonical one where there are any."""
    if attribute.is_complex:
        parts = [part for part in attribute.sub_attributes if not part.is_read_only]
        value: Any = {part.name: make_value(part) for part in parts}
    else:
        value = attribute.canonical_values[0] if attribute.canonical_values else _SIMPLE[attribute.type]
    return [value] if attribute.multi_valued else value
