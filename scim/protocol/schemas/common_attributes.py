"""The attributes every resource has, whatever its schema (RFC 7643 section 3.1)."""

from typing import Final

from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned, Uniqueness

SCHEMAS_ATTRIBUTE: Final = "schemas"

_META: Final = (
    Attribute(
        "resourceType",
        "Name of the resource's type.",
        case_exact=True,
        mutability=Mutability.READ_ONLY,
    ),
    Attribute(
        "created",
        "When the resource was added here.",
        type=AttributeType.DATE_TIME,
        mutability=Mutability.READ_ONLY,
    ),
    Attribute(
        "lastModified",
        "When the resource last changed here.",
        type=AttributeType.DATE_TIME,
        mutability=Mutability.READ_ONLY,
    ),
    Attribute(
        "location",
        "Where the resource is found.",
        type=AttributeType.REFERENCE,
        reference_types=("uri",),
        case_exact=True,
        mutability=Mutability.READ_ONLY,
    ),
    Attribute(
        "version",
        "Entity tag of the resource's present state.",
        case_exact=True,
        mutability=Mutability.READ_ONLY,
    ),
)

COMMON_ATTRIBUTES: Final = (
    Attribute(
        SCHEMAS_ATTRIBUTE,
        "URNs of the schemas whose attributes the resource holds.",
        multi_valued=True,
        required=True,
        returned=Returned.ALWAYS,
    ),
    Attribute(
        "id",
        "Identifier given by the service provider; it never changes.",
        case_exact=True,
        mutability=Mutability.READ_ONLY,
        returned=Returned.ALWAYS,
        uniqueness=Uniqueness.SERVER,
    ),
    Attribute(
        "externalId",
        "Identifier given by the provisioning client.",
        case_exact=True,
        indexed=True,
    ),
    Attribute(
        "meta",
        "What the service provider knows about the resource.",
        type=AttributeType.COMPLEX,
        mutability=Mutability.READ_ONLY,
        sub_attributes=_META,
    ),
)
