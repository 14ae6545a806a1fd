"""The OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.1), put together."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from scim.capabilities import is_supported
from scim.description.json_schema import new_resource_schema, resource_schema
from scim.description.messages import discovery_schemas, list_schema, message_schemas
from scim.description.operations import Operation, list_operations
from scim.protocol.schemas.definitions import SchemaSet

VERSION: Final = "3.1.1"
MEDIA_TYPE: Final = "application/scim+json"
TEXT: Final = {"type": "string"}
INTEGER: Final = {"type": "integer"}
# Parameters of a query (RFC 7644 section 3.4.2, RFC 9865 section 2) and headers of a request.
PARAMETERS: Final[Mapping[str, tuple[dict[str, Any], str]]] = {
    "filter": (TEXT, 'Which resources, as in userName eq "ada@example.com".'),
    "sortBy": (TEXT, "The attribute that orders the list."),
    "sortOrder": ({"type": "string", "enum": ["ascending", "descending"]}, "Upwards unless said otherwise."),
    "startIndex": (INTEGER, "Number of the first result, from 1."),
    "count": (INTEGER, "The most results of a page."),
    "cursor": (TEXT, "Empty to begin a walk by cursor, then nextCursor or previousCursor of an answer."),
    "attributes": (TEXT, "Names of attributes, with commas: these and what is always shown."),
    "excludedAttributes": (TEXT, "Names of attributes, with commas, that are left out."),
    "If-Match": (TEXT, "The version that is written over; 412 for another one."),
    "If-None-Match": (TEXT, "The version that is known already; 304 for that one."),
}
ABOUT: Final = """\
SCIM 2.0 (RFC 7643, RFC 7644) with pages by cursor (RFC 9865). Attributes, endpoints and operators are found whatever
their case. What identity providers send beside the standard is taken where its meaning is clear, and warned of in the
request log.\
"""


def describe_api(*, schemas: SchemaSet, base_url: str) -> dict[str, Any]:
    """The description of the API with these schemas; `base_url` is that of SCIM, as in https://example.com/scim/v2."""
    return {
        "openapi": VERSION,
        "info": {
            "title": "LabsNinja SCIM API",
            "version": "2.0",
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "paths": _paths(schemas),
        "components": {"schemas": _components(schemas), "securitySchemes": _security(base_url)},
    }


def _components(schemas: SchemaSet) -> dict[str, Any]:
    shown = {**message_schemas(), **discovery_schemas()}
    for known in schemas.resource_types:
        shown[known.name] = resource_schema(known)
        shown[f"New{known.name}"] = new_resource_schema(known)
        shown[f"{known.name}List"] = list_schema(known.name)
    any_of = [{"$ref": f"#/components/schemas/{known.name}"} for known in schemas.resource_types]
    shown["ResourceList"] = list_schema({"anyOf": any_of})
    return dict(sorted(shown.items()))


def _paths(schemas: SchemaSet) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in list_operations(schemas.resource_types):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return paths


def _operation(operation: Operation) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
        "security": [{name: [operation.scope] if operation.scope else []} for name in _schemes()]
        + ([] if operation.scope else [{}]),
    }
    if operation.sends:
        shown["requestBody"] = {"required": True, "content": _content(operation.sends)}
    return shown


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    named = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    shown = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in named]
    for place, names in (("query", operation.parameters), ("header", operation.headers)):
        for name in names:
            schema, says = PARAMETERS[name]
            shown.append({"name": name, "in": place, "schema": schema, "description": says})
    return shown


def _responses(operation: Operation) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for status in (*operation.statuses, *sorted(operation.refusals)):
        is_refusal = status in operation.refusals
        answers = "Error" if is_refusal else operation.answers
        has_body = answers and status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        says = {"description": HTTPStatus(status).phrase}
        shown[str(status)] = {**says, "content": _content(answers)} if has_body else says
    return shown


def _content(name: str) -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _schemes() -> list[str]:
    return [name for name, capability in (("bearer", "bearer-tokens"), ("oauth2", OAUTH)) if is_supported(capability)]


OAUTH: Final = "oauth-client-credentials"
SCOPES: Final = {"scim:read": "Read the directory", "scim:write": "Change the directory"}


def _security(base_url: str) -> dict[str, Any]:
    token_url = f"{base_url.removesuffix('/scim/v2')}/oauth2/token"
    known: dict[str, dict[str, Any]] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the tenant."},
        "oauth2": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": token_url, "scopes": SCOPES}}},
    }
    return {name: known[name] for name in _schemes()}
