"""Where the attributes of an extension are entered in the identity providers that can send some, and what cannot be."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scim.description.examples import list_sent
from scim.protocol.attributes import Attribute, AttributeType, Schema

OKTA_TYPES: Final = {
    AttributeType.BOOLEAN: "boolean",
    AttributeType.DECIMAL: "number",
    AttributeType.INTEGER: "integer",
}
# Of the types that an array in Okta may hold.
OKTA_ARRAYS: Final = frozenset({"string", "number", "integer"})
# Entra takes custom extensions under URNs of this form alone.
ENTRA_URN: Final = re.compile(r"urn:ietf:params:scim:schemas:extension:[A-Za-z0-9_-]+:2\.0:User", re.IGNORECASE)
NOT_IN_OKTA = "Okta has no field for several values with parts."
NOT_IN_ENTRA = "Entra sends single texts alone in an extension."


@dataclass(frozen=True)
class ProviderField:
    """An attribute as a provider names it; `problem` says why it cannot be sent from there."""

    attribute: str
    name: str
    type: str
    problem: str = ""


@dataclass(frozen=True)
class ProviderFields:
    """What is entered for a schema, where."""

    okta: Sequence[ProviderField]
    entra: Sequence[ProviderField]
    is_entra_urn: bool


def list_provider_fields(schema: Schema) -> ProviderFields:
    """For every attribute that a client assigns, with its parts."""
    okta = [field for one in list_sent(schema) for field in _list_okta(one)]
    entra = [_find_entra(schema, one) for one in list_sent(schema)]
    return ProviderFields(okta, entra, bool(ENTRA_URN.fullmatch(schema.id)))


def _list_okta(attribute: Attribute) -> Iterator[ProviderField]:
    if not attribute.is_complex:
        yield ProviderField(attribute.name, attribute.name, *_okta_type(attribute))
    elif attribute.multi_valued:
        yield ProviderField(attribute.name, "", "", NOT_IN_OKTA)
    else:
        for part in attribute.sub_attributes:
            name = f"{attribute.name}.{part.name}"
            yield ProviderField(name, name, *_okta_type(part))


def _okta_type(attribute: Attribute) -> tuple[str, str]:
    """The data type, and what is in the way."""
    single = OKTA_TYPES.get(attribute.type, "string")
    if not attribute.multi_valued:
        return single, ""
    return (f"{single} array", "") if single in OKTA_ARRAYS else ("", f"Okta has no array of the type {single}.")


def _find_entra(schema: Schema, attribute: Attribute) -> ProviderField:
    is_text = attribute.is_written_as_text or attribute.type is AttributeType.BOOLEAN
    problem = "" if is_text and not attribute.multi_valued else NOT_IN_ENTRA
    return ProviderField(attribute.name, f"{schema.id}:{attribute.name}", "String", problem)
