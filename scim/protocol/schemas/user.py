"""The core schema of User (RFC 7643 sections 4.1 and 8.7.1)."""

from typing import Final

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness
from scim.protocol.schemas.parts import flag, link, several

_NAME: Final = (
    Attribute("formatted", "The whole name, as it is to be shown."),
    Attribute("familyName", "Family name."),
    Attribute("givenName", "Given name."),
    Attribute("middleName", "Middle names."),
    Attribute("honorificPrefix", "Title in front of the name."),
    Attribute("honorificSuffix", "Suffix behind the name."),
)

_ADDRESS: Final = (
    Attribute("formatted", "The whole address, as it is to be shown or printed."),
    Attribute("streetAddress", "Street, house number, post office box."),
    Attribute("locality", "City or place."),
    Attribute("region", "State or region."),
    Attribute("postalCode", "Postal code."),
    Attribute("country", "Country, as a code of two letters (ISO 3166-1)."),
    Attribute("type", "What the address is for.", canonical_values=("work", "home", "other")),
    flag("primary", "Whether this is the preferred address; at most one is."),
)

_GROUP: Final = (
    Attribute("value", "The group's id.", case_exact=True, mutability=Mutability.READ_ONLY),
    link("$ref", "Where the group is found.", "Group", mutability=Mutability.READ_ONLY),
    Attribute("display", "The group's name.", mutability=Mutability.READ_ONLY),
    Attribute(
        "type",
        "Whether the user is a member itself or through another group.",
        canonical_values=("direct", "indirect"),
        mutability=Mutability.READ_ONLY,
    ),
)

_SINGULAR: Final = (
    Attribute(
        "userName",
        "The name the user signs in with; no two users of a tenant share one, whatever its case.",
        required=True,
        uniqueness=Uniqueness.SERVER,
        indexed=True,
    ),
    Attribute("name", "The parts of the user's name.", type=AttributeType.COMPLEX, sub_attributes=_NAME),
    Attribute("displayName", "The name to show for the user.", indexed=True),
    Attribute("nickName", "How the user is called informally."),
    link("profileUrl", "Address of a page about the user.", "external"),
    Attribute("title", "Job title."),
    Attribute("userType", "How the user belongs to the organization, for instance employee or contractor."),
    Attribute("preferredLanguage", "Languages the user prefers, written as in Accept-Language."),
    Attribute("locale", "Language tag for formats of dates, numbers and money."),
    Attribute("timezone", "Time zone by its IANA name."),
    flag("active", "Whether the user may be used.", default=True),
    Attribute(
        "password",
        "A new password. It is never returned.",
        mutability=Mutability.WRITE_ONLY,
        returned=Returned.NEVER,
    ),
)

_MULTI_VALUED: Final = (
    several(
        "emails",
        "E-mail addresses.",
        Attribute("value", "An e-mail address.", indexed=True),
        types=("work", "home", "other"),
    ),
    several(
        "phoneNumbers",
        "Telephone numbers.",
        Attribute("value", "A telephone number."),
        types=("work", "home", "mobile", "fax", "pager", "other"),
    ),
    several(
        "ims",
        "Addresses for instant messages.",
        Attribute("value", "An address for instant messages."),
        types=("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"),
    ),
    several(
        "photos",
        "Pictures of the user.",
        link("value", "Address of a picture.", "external"),
        types=("photo", "thumbnail"),
    ),
    Attribute(
        "addresses",
        "Postal addresses.",
        type=AttributeType.COMPLEX,
        multi_valued=True,
        sub_attributes=_ADDRESS,
    ),
    Attribute(
        "groups",
        "Groups the user is in. They change through the Group resource alone.",
        type=AttributeType.COMPLEX,
        multi_valued=True,
        mutability=Mutability.READ_ONLY,
        sub_attributes=_GROUP,
    ),
    several("entitlements", "What the user is entitled to.", Attribute("value", "An entitlement.")),
    several("roles", "What the user is.", Attribute("value", "A role.")),
    several(
        "x509Certificates",
        "Certificates of the user.",
        Attribute(
            "value",
            "One certificate: DER in base64.",
            type=AttributeType.BINARY,
            case_exact=True,
        ),
    ),
)

USER_SCHEMA: Final = Schema(urns.USER, "User", "A person's account", (*_SINGULAR, *_MULTI_VALUED))
