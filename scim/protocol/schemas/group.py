"""The core schema of Group (RFC 7643 sections 4.2 and 8.7.1)."""

from typing import Final

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Schema, Uniqueness
from scim.protocol.schemas.parts import link

_MEMBER: Final = (
    Attribute(
        "value",
        "The member's id.",
        required=True,
        case_exact=True,
        indexed=True,
        mutability=Mutability.IMMUTABLE,
    ),
    link("$ref", "Where the member is found.", "User", "Group", mutability=Mutability.IMMUTABLE),
    Attribute(
        "type",
        "Kind of the member.",
        canonical_values=("User", "Group"),
        mutability=Mutability.IMMUTABLE,
    ),
    # Read-only, where RFC 7643 section 2.4 has immutable: we show the member's present name, and clients that send
    # another one with each PUT (Okta) are not to be refused for it.
    Attribute("display", "The member's name.", mutability=Mutability.READ_ONLY),
)

GROUP_SCHEMA: Final = Schema(
    urns.GROUP,
    "Group",
    "A group of users and groups",
    (
        Attribute(
            "displayName",
            "The group's name; no two groups of a tenant share one, unless the tenant allows it.",
            required=True,
            uniqueness=Uniqueness.SERVER,
            indexed=True,
        ),
        Attribute(
            "members",
            "The group's direct members.",
            type=AttributeType.COMPLEX,
            multi_valued=True,
            as_rows=True,
            sub_attributes=_MEMBER,
        ),
    ),
)
