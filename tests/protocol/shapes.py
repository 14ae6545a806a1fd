"""Short ways to read bodies and filters, and a resource type with an attribute of every kind."""

from dataclasses import replace
from typing import Any, Final

import pytest

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Schema
from scim.protocol.dialects.base import LENIENT, Dialect, Reading
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.nodes import Node
from scim.protocol.filter.parser import parse_filter
from scim.protocol.resource import CanonicalResource, Mode, canonicalize
from scim.protocol.schemas import USER
from scim.protocol.schemas.definitions import ResourceType

LAB: Final = "urn:example:lab:2.0:Badge"
BADGE: Final = Schema(
    LAB,
    "Badge",
    "An extension with an attribute of every kind",
    (
        Attribute("number", type=AttributeType.INTEGER),
        Attribute("height", type=AttributeType.DECIMAL),
        Attribute("issued", type=AttributeType.DATE_TIME),
        Attribute("valid", type=AttributeType.BOOLEAN),
        Attribute("chip", type=AttributeType.BINARY),
        Attribute("page", type=AttributeType.REFERENCE, reference_types=("external",)),
        Attribute("serial", case_exact=True, mutability=Mutability.IMMUTABLE),
        Attribute("pin", mutability=Mutability.WRITE_ONLY),
        Attribute("doors", multi_valued=True),
        Attribute(
            "office",
            type=AttributeType.COMPLEX,
            sub_attributes=(
                Attribute("site", required=True),
                Attribute("room", mutability=Mutability.IMMUTABLE),
            ),
        ),
    ),
)
BADGED_USER: Final = USER.with_extension(BADGE)
ANNA: Final[dict[str, Any]] = {"schemas": [urns.USER], "userName": "anna"}


def read(
    body: dict[str, Any],
    *,
    resource_type: ResourceType = BADGED_USER,
    dialect: Dialect = LENIENT,
    mode: Mode = Mode.CREATE,
    resource_id: str | None = None,
    current: dict[str, Any] | None = None,
) -> tuple[CanonicalResource, list[str]]:
    """The resource and the codes of the warnings."""
    reading = Reading(dialect)
    found = canonicalize(resource_type, body, mode=mode, reading=reading, resource_id=resource_id, current=current)
    return found, [code.value for code in reading.codes]


def document(body: dict[str, Any], **options: Any) -> dict[str, Any]:
    return read(body, **options)[0].document


def codes(body: dict[str, Any], **options: Any) -> list[str]:
    return read(body, **options)[1]


def refusal(body: dict[str, Any], **options: Any) -> ScimError:
    with pytest.raises(ScimError) as caught:
        read(body, **options)
    return caught.value


def badge_required() -> ResourceType:
    """User whose badge is a required extension."""
    extensions = tuple(replace(extension, required=extension.schema is BADGE) for extension in BADGED_USER.extensions)
    return replace(BADGED_USER, extensions=extensions)


def parse(text: str, *, dialect: Dialect = LENIENT, resource_type: ResourceType = BADGED_USER) -> Node:
    return parse_filter(text, namespace=resource_type.namespace, reading=Reading(dialect))


def filter_codes(text: str) -> list[str]:
    reading = Reading()
    parse_filter(text, namespace=BADGED_USER.namespace, reading=reading)
    return [code.value for code in reading.codes]


def filter_refusal(text: str, *, dialect: Dialect = LENIENT) -> ScimError:
    with pytest.raises(ScimError) as caught:
        parse(text, dialect=dialect)
    assert caught.value.scim_type is ScimType.INVALID_FILTER
    return caught.value


def finds(text: str, resource: dict[str, Any]) -> bool:
    return matches(parse(text), resource)
