"""Schemas of resources as JSON Schema (2020-12), which is what OpenAPI 3.1 describes bodies with.

Two for each resource type: what is answered, of which a projection may leave almost everything out, and what is sent.
Neither forbids what it does not name: extensions of other vendors are kept and returned.
"""

from collections.abc import Iterable
from typing import Any, Final

from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned
from scim.protocol.schemas.common_attributes import COMMON_ATTRIBUTES
from scim.protocol.schemas.definitions import ResourceType

_SIMPLE: Final[dict[AttributeType, dict[str, Any]]] = {
    AttributeType.STRING: {"type": "string"},
    AttributeType.BOOLEAN: {"type": "boolean"},
    AttributeType.DECIMAL: {"type": "number"},
    AttributeType.INTEGER: {"type": "integer", "format": "int64"},
    AttributeType.DATE_TIME: {"type": "string", "format": "date-time"},
    AttributeType.BINARY: {"type": "string", "contentEncoding": "base64"},
    AttributeType.REFERENCE: {"type": "string"},
}


def resource_schema(resource_type: ResourceType) -> dict[str, Any]:
    """What is answered of a resource."""
    properties = _properties(resource_type, answered=True)
    return _object(properties, required=["schemas", "id"], description=resource_type.description)


def new_resource_schema(resource_type: ResourceType) -> dict[str, Any]:
    """What POST and PUT are sent."""
    properties = _properties(resource_type, answered=False)
    required = [path.text for path in resource_type.required if path.text in properties]
    described = f"{resource_type.description} As it is sent; what is readOnly is ignored."
    return _object(properties, required=["schemas", *required], description=described.strip())


def _properties(resource_type: ResourceType, *, answered: bool) -> dict[str, Any]:
    shown = _attributes((*COMMON_ATTRIBUTES, *resource_type.schema.attributes), answered=answered)
    for extension in resource_type.extensions:
        held = extension.schema.attributes
        required = [attribute.name for attribute in held if attribute.required and not answered]
        described = extension.schema.description
        shown[extension.schema.id] = _object(
            _attributes(held, answered=answered), required=required, description=described
        )
    return shown


def _attributes(attributes: Iterable[Attribute], *, answered: bool) -> dict[str, Any]:
    return {
        attribute.name: attribute_schema(attribute, answered=answered)
        for attribute in attributes
        if _is_told(attribute, answered=answered)
    }


def _is_told(attribute: Attribute, *, answered: bool) -> bool:
    if answered:
        return attribute.returned is not Returned.NEVER
    return attribute.mutability is not Mutability.READ_ONLY


def attribute_schema(attribute: Attribute, *, answered: bool) -> dict[str, Any]:
    """One attribute with its sub-attributes."""
    if attribute.is_complex:
        shown = _object(_attributes(attribute.sub_attributes, answered=answered))
    else:
        shown = dict(_SIMPLE[attribute.type])
    if attribute.canonical_values:
        shown["examples"] = list(attribute.canonical_values)
    if attribute.multi_valued:
        shown = {"type": "array", "items": shown}
    if attribute.description:
        shown["description"] = attribute.description
    return shown


def _object(properties: dict[str, Any], *, required: Iterable[str] = (), description: str = "") -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "object", "properties": properties}
    if names := list(required):
        shown["required"] = names
    return {**shown, "description": description} if description else shown
