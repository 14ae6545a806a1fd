"""Messages and resources of discovery as JSON Schema: what surrounds resources, the same for every tenant."""

from collections.abc import Sequence
from typing import Any, Final

from scim.description.json_schema import attribute_schema
from scim.protocol import bounds, urns
from scim.protocol.attributes import Schema
from scim.protocol.errors import ScimType
from scim.protocol.schemas import GROUP
from scim.protocol.schemas.common_attributes import COMMON_ATTRIBUTES
from scim.protocol.schemas.discovery import DISCOVERY_SCHEMAS

TEXT: Final = {"type": "string"}
NAMES: Final = {"type": "array", "items": TEXT}
COUNT: Final = {"type": "integer", "minimum": 0}


def list_schema(item: str | dict[str, Any]) -> dict[str, Any]:
    """A ListResponse of what a schema of components describes."""
    shown = {"$ref": f"#/components/schemas/{item}"} if isinstance(item, str) else item
    properties = {
        "totalResults": COUNT,
        "startIndex": {"type": "integer", "minimum": 1, "description": "Not in a page that a cursor led to."},
        "itemsPerPage": COUNT,
        "nextCursor": TEXT,
        "previousCursor": TEXT,
        "Resources": {"type": "array", "items": shown},
    }
    return _message(urns.LIST_RESPONSE, properties, required=["totalResults", "Resources"])


def message_schemas() -> dict[str, Any]:
    """Messages by the name of their schema."""
    members = next(path.attribute for path in GROUP.attributes if path.text == "members")
    member = dict(attribute_schema(members, answered=True)["items"])
    return {
        "Error": _error(),
        "SearchRequest": _message(urns.SEARCH_REQUEST, _search()),
        "PatchOp": _message(urns.PATCH_OP, {"Operations": _patches()}, required=["Operations"]),
        "BulkRequest": _message(
            urns.BULK_REQUEST,
            {"failOnErrors": {"type": "integer", "minimum": 1}, "Operations": _bulk_operations()},
            required=["Operations"],
        ),
        "BulkResponse": _message(
            urns.BULK_RESPONSE, {"Operations": {"type": "array", "items": _bulk_result()}}, required=["Operations"]
        ),
        "MemberList": list_schema(member),
    }


def discovery_schemas() -> dict[str, Any]:
    """What the server tells of itself, by the schemas that it publishes of that."""
    shown = {schema.name.replace(" ", ""): _resource(schema) for schema in DISCOVERY_SCHEMAS}
    return {**shown, "SchemaList": list_schema("Schema"), "ResourceTypeList": list_schema("ResourceType")}


def _resource(schema: Schema) -> dict[str, Any]:
    held = (*COMMON_ATTRIBUTES, *schema.attributes)
    properties = {attribute.name: attribute_schema(attribute, answered=True) for attribute in held}
    required = [attribute.name for attribute in schema.attributes if attribute.required]
    return {"type": "object", "properties": properties, "required": ["schemas", *required]}


def _message(urn: str, properties: dict[str, Any], *, required: Sequence[str] = ()) -> dict[str, Any]:
    schemas = {"type": "array", "items": {"const": urn}, "minItems": 1}
    return {"type": "object", "properties": {"schemas": schemas, **properties}, "required": ["schemas", *required]}


def _error() -> dict[str, Any]:
    keyword = {"type": "string", "enum": [str(keyword) for keyword in ScimType]}
    status = {"type": "string", "pattern": "^[1-5][0-9]{2}$"}
    return _message(urns.ERROR, {"status": status, "scimType": keyword, "detail": TEXT}, required=["status", "detail"])


def _search() -> dict[str, Any]:
    return {
        "filter": {**TEXT, "maxLength": bounds.FILTER_BYTES},
        "attributes": NAMES,
        "excludedAttributes": NAMES,
        "sortBy": TEXT,
        "sortOrder": {"type": "string", "enum": ["ascending", "descending"]},
        "startIndex": {"type": "integer"},
        "count": {"type": "integer"},
        "cursor": TEXT,
    }


def _patches() -> dict[str, Any]:
    operation = {
        "type": "object",
        "properties": {"op": {"type": "string", "enum": ["add", "remove", "replace"]}, "path": TEXT, "value": {}},
        "required": ["op"],
    }
    return {"type": "array", "items": operation, "minItems": 1, "maxItems": bounds.PATCH_OPERATIONS}


def _bulk_operations() -> dict[str, Any]:
    operation = {
        "type": "object",
        "properties": {
            "method": {"type": "string", "enum": ["POST", "PUT", "PATCH", "DELETE"]},
            "path": TEXT,
            "bulkId": TEXT,
            "version": TEXT,
            "data": {"type": "object"},
        },
        "required": ["method", "path"],
    }
    return {"type": "array", "items": operation, "maxItems": bounds.BULK_OPERATIONS}


def _bulk_result() -> dict[str, Any]:
    properties = {
        **dict.fromkeys(("method", "bulkId", "location", "version", "status"), TEXT),
        "response": {"$ref": "#/components/schemas/Error"},
    }
    return {"type": "object", "properties": properties, "required": ["status"]}
