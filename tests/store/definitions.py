"""Definitions drawn from a number: attributes of every type in every combination of characteristics, as JSON."""

from random import Random
from typing import Any, Final

from audit.actors import system_origin
from scim.protocol.attributes import AttributeType, Mutability, Returned
from scim.protocol.schemas.definitions import ResourceType
from scim.queries.schemas import find_present_schemas
from scim.services.schemas import define_schemas

EXTENSION: Final = "urn:example:drawn:2.0:Extension"
CORE: Final = "urn:example:drawn:2.0:Core"
SIMPLE: Final = [one for one in AttributeType if one is not AttributeType.COMPLEX]
# Names that the product has columns for, and one that a core attribute of User has too.
TAKEN: Final = ("displayName", "title")


def define_drawn(seed: int) -> list[ResourceType]:
    """User with a drawn extension, and a drawn type with it, of the bound tenant: as the database gives them back."""
    draw = Random(seed)
    extension = {"id": EXTENSION, "attributes": _attributes(draw, 14)}
    core = {"id": CORE, "attributes": [*_attributes(draw, 10), *({"name": name, **_text(draw)} for name in TAKEN)]}
    device = {"name": "Device", "endpoint": "/Devices", "schema": CORE}
    types = [{"schema": EXTENSION, "required": False}]
    define_schemas(
        definitions=[extension, core, {**device, "schemaExtensions": types}],
        origin=system_origin("test"),
        extends=[],
    )
    define_schemas(definitions=[extension], origin=system_origin("test"), extends=["User"])
    known = find_present_schemas()
    return [one for one in known.resource_types if one.name != "Group"]


def _attributes(draw: Random, number: int) -> list[dict[str, Any]]:
    """Each simple type at least once, some complex ones, the rest by chance."""
    kinds = [*SIMPLE, AttributeType.COMPLEX, AttributeType.COMPLEX]
    kinds += draw.choices(kinds, k=max(0, number - len(kinds)))
    return [_attribute(draw, f"a{at}", kind) for at, kind in enumerate(kinds)]


def _attribute(draw: Random, name: str, kind: AttributeType) -> dict[str, Any]:
    mutability = draw.choice([*Mutability, Mutability.READ_WRITE, Mutability.READ_WRITE])
    returned = Returned.NEVER if mutability is Mutability.WRITE_ONLY else draw.choice([*Returned])
    drawn: dict[str, Any] = {
        **_text(draw),
        "name": name,
        "type": kind.value,
        "multiValued": draw.random() < 0.4,
        "mutability": mutability.value,
        "returned": returned.value,
    }
    if kind is AttributeType.COMPLEX:
        names = ("value", "type", "primary", "rank", "at")
        drawn["subAttributes"] = [_part(draw, part) for part in draw.sample(names, draw.choice([1, 3, 5]))]
        drawn["indexed"] = False
    return drawn | _references(kind)


def _part(draw: Random, name: str) -> dict[str, Any]:
    kinds = {"primary": AttributeType.BOOLEAN, "at": AttributeType.DATE_TIME}
    kind = kinds.get(name) or draw.choice(SIMPLE)
    several = name not in {"value", "primary"} and draw.random() < 0.2
    return {**_text(draw), "name": name, "type": kind.value, "multiValued": several, **_references(kind)}


def _text(draw: Random) -> dict[str, Any]:
    return {"caseExact": draw.random() < 0.5, "indexed": draw.random() < 0.5}


def _references(kind: AttributeType) -> dict[str, Any]:
    return {"referenceTypes": ["external"]} if kind is AttributeType.REFERENCE else {}
