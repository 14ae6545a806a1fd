"""Shapes that schemas repeat, first among them the default sub-attributes of RFC 7643 section 2.4."""

from scim.protocol.attributes import Attribute, AttributeType, Mutability


def flag(name: str, description: str, *, default: bool | None = None) -> Attribute:
    return Attribute(name, description, type=AttributeType.BOOLEAN, default=default)


def link(name: str, description: str, *targets: str, mutability: Mutability = Mutability.READ_WRITE) -> Attribute:
    """A reference to resource types, "external" or "uri"."""
    return Attribute(
        name,
        description,
        type=AttributeType.REFERENCE,
        reference_types=targets,
        case_exact=True,
        mutability=mutability,
    )


def several(name: str, description: str, value: Attribute, *, types: tuple[str, ...] = ()) -> Attribute:
    """A multi-valued attribute of the default shape: value, display, type, primary. `types` are suggestions."""
    return Attribute(
        name,
        description,
        type=AttributeType.COMPLEX,
        multi_valued=True,
        sub_attributes=(
            value,
            Attribute("display", "What to show in place of the value."),
            Attribute("type", "What the value is for.", canonical_values=types),
            flag("primary", "Whether this is the preferred value; at most one is."),
        ),
    )
