"""Schemas of the discovery resources: RFC 7643 sections 5, 6, 7 and 8.7.2, and pagination of RFC 9865 section 4."""

from dataclasses import replace
from typing import Final

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness

_READ_ONLY: Final = Mutability.READ_ONLY


def _text(name: str, description: str, *, required: bool = True, values: tuple[str, ...] = ()) -> Attribute:
    return Attribute(name, description, required=required, canonical_values=values, mutability=_READ_ONLY)


def _flag(name: str, description: str, *, required: bool = True) -> Attribute:
    return Attribute(name, description, type=AttributeType.BOOLEAN, required=required, mutability=_READ_ONLY)


def _number(name: str, description: str, *, required: bool = True) -> Attribute:
    return Attribute(name, description, type=AttributeType.INTEGER, required=required, mutability=_READ_ONLY)


def _address(name: str, description: str, kind: str, *, required: bool = False) -> Attribute:
    return Attribute(
        name,
        description,
        type=AttributeType.REFERENCE,
        reference_types=(kind,),
        required=required,
        case_exact=True,
        mutability=_READ_ONLY,
    )


def _group(name: str, description: str, *parts: Attribute, required: bool = True) -> Attribute:
    return Attribute(
        name,
        description,
        type=AttributeType.COMPLEX,
        required=required,
        mutability=_READ_ONLY,
        sub_attributes=parts,
    )


def _groups(name: str, description: str, *parts: Attribute, required: bool = True) -> Attribute:
    return replace(_group(name, description, *parts, required=required), multi_valued=True)


_SUPPORTED: Final = _flag("supported", "Whether it is supported.")

SERVICE_PROVIDER_CONFIG_SCHEMA: Final = Schema(
    urns.SERVICE_PROVIDER_CONFIG,
    "ServiceProviderConfig",
    "What this service provider supports",
    (
        _address("documentationUri", "Where people read about this service provider.", "external"),
        _group("patch", "PATCH.", _SUPPORTED),
        _group(
            "bulk",
            "Bulk requests.",
            _SUPPORTED,
            _number("maxOperations", "Most operations in one request."),
            _number("maxPayloadSize", "Most bytes in one request."),
        ),
        _group("filter", "Filters.", _SUPPORTED, _number("maxResults", "Most resources in one response.")),
        _group("changePassword", "Changing passwords.", _SUPPORTED),
        _group("sort", "Sorting.", _SUPPORTED),
        _group("etag", "Entity tags.", _SUPPORTED),
        _groups(
            "authenticationSchemes",
            "Ways to authenticate.",
            _text(
                "type",
                "Kind of scheme.",
                values=("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"),
            ),
            _text("name", "Name of the scheme."),
            _text("description", "What the scheme is."),
            _address("specUri", "Where the scheme is specified.", "external"),
            _address("documentationUri", "Where people read how to use it here.", "external"),
            _flag("primary", "Whether this is the preferred scheme.", required=False),
        ),
        _group(
            "pagination",
            "Ways to page through results.",
            _flag("cursor", "Whether cursors are supported."),
            _flag("index", "Whether startIndex is supported."),
            _text(
                "defaultPaginationMethod",
                "What is used when the client names neither.",
                required=False,
                values=("cursor", "index"),
            ),
            _number("defaultPageSize", "Resources on a page when the client names no count.", required=False),
            _number("maxPageSize", "Most resources on a page.", required=False),
            _number("cursorTimeout", "Seconds a cursor stays valid.", required=False),
            required=False,
        ),
    ),
)

RESOURCE_TYPE_SCHEMA: Final = Schema(
    urns.RESOURCE_TYPE,
    "ResourceType",
    "A kind of resource and where it is found",
    (
        _text("id", "Identifier of the type.", required=False),
        _text("name", "Name of the type."),
        _text("description", "What the type is for.", required=False),
        _address("endpoint", "Where resources of the type are found, after the base address.", "uri", required=True),
        _address("schema", "URN of the core schema.", "uri", required=True),
        _groups(
            "schemaExtensions",
            "Extensions that resources of the type may carry.",
            _address("schema", "URN of the extension.", "uri", required=True),
            _flag("required", "Whether each resource of the type has to carry it."),
            required=False,
        ),
    ),
)

_CHARACTERISTICS: Final = (
    _text("name", "Name of the attribute."),
    _text("type", "Type of its values.", values=tuple(kind.value for kind in AttributeType)),
    _flag("multiValued", "Whether it holds several values."),
    _text("description", "What it means.", required=False),
    _flag("required", "Whether a resource has to have it.", required=False),
    replace(_text("canonicalValues", "Values it usually has.", required=False), multi_valued=True),
    _flag("caseExact", "Whether case matters in comparisons.", required=False),
    _text("mutability", "Who may change it when.", values=tuple(kind.value for kind in Mutability)),
    _text("returned", "When it is returned.", values=tuple(kind.value for kind in Returned)),
    _text(
        "uniqueness",
        "Where no two values may be alike.",
        required=False,
        values=tuple(kind.value for kind in Uniqueness),
    ),
    replace(_text("referenceTypes", "What it may point to.", required=False), multi_valued=True),
)

# RFC 7643 section 7 makes this one schema an exception: its sub-attribute is complex itself.
SCHEMA_SCHEMA: Final = Schema(
    urns.SCHEMA,
    "Schema",
    "The definition of a schema",
    (
        _text("id", "URN of the schema."),
        _text("name", "Name of the schema.", required=False),
        _text("description", "What the schema is for.", required=False),
        _groups(
            "attributes",
            "Attributes the schema defines.",
            *_CHARACTERISTICS,
            _groups("subAttributes", "Parts of a complex attribute.", *_CHARACTERISTICS, required=False),
        ),
    ),
)

DISCOVERY_SCHEMAS: Final = (SERVICE_PROVIDER_CONFIG_SCHEMA, RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA)
