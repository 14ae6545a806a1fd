"""Schemas and resource types as /Schemas and /ResourceTypes show them (RFC 7643 sections 6, 7 and 8.7).

No member is ever null: clients that generate classes from this fail on it.
"""

from typing import Any, Final

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Schema
from scim.protocol.schemas.definitions import ResourceType

# Section 2.3: these types have no notion of case, and booleans and complex values none of uniqueness either.
_WITHOUT_CASE: Final = frozenset(
    {
        AttributeType.BOOLEAN,
        AttributeType.COMPLEX,
        AttributeType.DATE_TIME,
        AttributeType.DECIMAL,
        AttributeType.INTEGER,
    },
)
_WITHOUT_UNIQUENESS: Final = frozenset({AttributeType.BOOLEAN, AttributeType.COMPLEX})


def schema_representation(schema: Schema, *, base_url: str) -> dict[str, Any]:
    """The Schema resource; `base_url` is what comes before "/Schemas"."""
    return {
        "schemas": [urns.SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": [attribute_representation(attribute) for attribute in schema.attributes],
        "meta": {"resourceType": "Schema", "location": f"{base_url}/Schemas/{schema.id}"},
    }


def attribute_representation(attribute: Attribute) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": attribute.name,
        "type": attribute.type.value,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "mutability": attribute.mutability.value,
        "returned": attribute.returned.value,
    }
    if attribute.type not in _WITHOUT_CASE:
        shown["caseExact"] = attribute.compares_exactly
    if attribute.type not in _WITHOUT_UNIQUENESS:
        shown["uniqueness"] = attribute.uniqueness.value
    if attribute.canonical_values:
        shown["canonicalValues"] = list(attribute.canonical_values)
    if attribute.reference_types:
        shown["referenceTypes"] = list(attribute.reference_types)
    if attribute.sub_attributes:
        shown["subAttributes"] = [attribute_representation(part) for part in attribute.sub_attributes]
    return shown


def schema_definition(schema: Schema) -> dict[str, Any]:
    """The schema as it is defined and stored: what is published, and which attributes are indexed."""
    named = {"id": schema.id, "name": schema.name, "description": schema.description}
    return {**named, "attributes": [_definition(attribute) for attribute in schema.attributes]}


def _definition(attribute: Attribute) -> dict[str, Any]:
    shown = {**attribute_representation(attribute), "indexed": attribute.indexed}
    if attribute.sub_attributes:
        shown["subAttributes"] = [_definition(part) for part in attribute.sub_attributes]
    return shown


def resource_type_representation(resource_type: ResourceType, *, base_url: str) -> dict[str, Any]:
    """The ResourceType resource; `base_url` is what comes before "/ResourceTypes"."""
    shown: dict[str, Any] = {
        "schemas": [urns.RESOURCE_TYPE],
        "id": resource_type.name,
        "name": resource_type.name,
        "description": resource_type.description,
        "endpoint": resource_type.endpoint,
        "schema": resource_type.schema.id,
        "meta": {"resourceType": "ResourceType", "location": f"{base_url}/ResourceTypes/{resource_type.name}"},
    }
    if resource_type.extensions:
        shown["schemaExtensions"] = [
            {"schema": extension.schema.id, "required": extension.required} for extension in resource_type.extensions
        ]
    return shown
