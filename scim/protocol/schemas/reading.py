"""Definitions as JSON: a Schema or a ResourceType resource (RFC 7643 sections 6 and 7) read into the tables used here.

`indexed` beside the characteristics of section 7 is ours: the attribute's values get index rows. What has to be unique
is indexed anyway. Every error names the attribute.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import SchemaDefinitionError, check_schema

Kind = TypeVar("Kind", bound=StrEnum)
LONGEST_NAME: Final = 64
MOST_ATTRIBUTES: Final = 500
LONGEST_TEXT: Final = 2_000
_TYPE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_ENDPOINT: Final = re.compile(r"/[A-Za-z][A-Za-z0-9_-]{0,63}")
_NOT_UNIQUE: Final = frozenset({AttributeType.BOOLEAN, AttributeType.COMPLEX})


@dataclass(frozen=True)
class TypeDefinition:
    """A resource type by the URNs of its schemas; `extensions` are URN and whether each resource has to carry it."""

    name: str
    endpoint: str
    description: str
    schema: str
    extensions: tuple[tuple[str, bool], ...] = ()

    @property
    def as_json(self) -> JsonObject:
        """The form that is stored."""
        extensions = [{"schema": urn, "required": required} for urn, required in self.extensions]
        named = {"name": self.name, "endpoint": self.endpoint, "description": self.description, "schema": self.schema}
        return {**named, "schemaExtensions": extensions}


def read_schema(definition: Any) -> Schema:
    """A Schema resource. Raises SchemaDefinitionError."""
    known = _object(definition, "the schema")
    urn = _text(known, "id", "the schema")
    attributes = _attributes(known, "attributes", urn)
    if not attributes:
        raise SchemaDefinitionError(f"{urn} has no attributes")
    schema = Schema(urn, _text(known, "name", urn, urn), _text(known, "description", urn, ""), attributes)
    check_schema(schema)
    return schema


def read_type_definition(definition: Any) -> TypeDefinition:
    """A ResourceType resource. Raises SchemaDefinitionError."""
    known = _object(definition, "the resource type")
    name, endpoint = _text(known, "name", "the resource type"), _text(known, "endpoint", "the resource type")
    if not _TYPE_NAME.fullmatch(name):
        raise SchemaDefinitionError(f"{name[:100]!r} can't be the name of a resource type", member="name")
    if not _ENDPOINT.fullmatch(endpoint):
        raise SchemaDefinitionError(
            f"{endpoint[:100]!r} can't be an endpoint: write it as in /Devices", member="endpoint"
        )
    listed = _list(known, "schemaExtensions", name)
    extensions = tuple(
        (_text(one, "schema", f"an extension of {name}"), _flag(one, "required", f"an extension of {name}"))
        for one in (_object(each, f"an extension of {name}") for each in listed)
    )
    return TypeDefinition(
        name, endpoint, _text(known, "description", name, ""), _text(known, "schema", name), extensions
    )


def _attributes(holder: Mapping[str, Any], member: str, where: str) -> tuple[Attribute, ...]:
    listed = _list(holder, member, where)
    if len(listed) > MOST_ATTRIBUTES:
        raise SchemaDefinitionError(f"{where} has more than {MOST_ATTRIBUTES} attributes")
    return tuple(_numbered(one, where, member, number) for number, one in enumerate(listed))


def _numbered(one: Any, where: str, member: str, number: int) -> Attribute:
    """The attribute, or the refusal with its place in the list."""
    try:
        return _attribute(_object(one, f"an attribute of {where}"), where, member)
    except SchemaDefinitionError as error:
        error.position = (number, *error.position)
        raise


def _attribute(known: Mapping[str, Any], where: str, member: str) -> Attribute:
    name = _text(known, "name", f"an attribute of {where}")
    if len(name) > LONGEST_NAME:
        told = f"{name[:LONGEST_NAME]}... is a longer name than {LONGEST_NAME} characters"
        raise SchemaDefinitionError(told, member="name")
    place = f"{where}.{name}" if member == "subAttributes" else name
    if member == "subAttributes" and known.get("subAttributes"):
        raise SchemaDefinitionError(f"{place} is a sub-attribute and can't have sub-attributes")
    parts = _attributes(known, "subAttributes", name) if member == "attributes" else ()
    uniqueness = _choice(known, "uniqueness", Uniqueness, Uniqueness.NONE, place)
    attribute = Attribute(
        name,
        _text(known, "description", place, ""),
        type=_choice(known, "type", AttributeType, AttributeType.STRING, place),
        multi_valued=_flag(known, "multiValued", place),
        required=_flag(known, "required", place),
        case_exact=_flag(known, "caseExact", place),
        mutability=_choice(known, "mutability", Mutability, Mutability.READ_WRITE, place),
        returned=_choice(known, "returned", Returned, Returned.DEFAULT, place),
        uniqueness=uniqueness,
        canonical_values=_texts(known, "canonicalValues", place),
        reference_types=_texts(known, "referenceTypes", place),
        sub_attributes=parts,
        indexed=_flag(known, "indexed", place) or uniqueness is not Uniqueness.NONE,
    )
    _check(attribute, place)
    return attribute


def _check(attribute: Attribute, place: str) -> None:
    """What can't go together (sections 2.2, 2.3 and 7)."""
    if attribute.uniqueness is not Uniqueness.NONE and (attribute.type in _NOT_UNIQUE or attribute.is_secret):
        told = f"{place} can't be unique: it is {attribute.type.value} or never shown"
        raise SchemaDefinitionError(told, member="uniqueness")
    if attribute.type is AttributeType.REFERENCE and not attribute.reference_types:
        raise SchemaDefinitionError(f"{place} is a reference and needs referenceTypes", member="referenceTypes")
    if attribute.mutability is Mutability.WRITE_ONLY and attribute.returned is not Returned.NEVER:
        raise SchemaDefinitionError(f"{place} is writeOnly and so returned has to be never", member="returned")


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SchemaDefinitionError(f"{where} has to be a JSON object")
    return value


def _list(holder: Mapping[str, Any], member: str, where: str) -> list[Any]:
    value = holder.get(member)
    if value is not None and not isinstance(value, list):
        raise SchemaDefinitionError(f"{member} of {where} has to be an array", member=member)
    return value or []


def _text(holder: Mapping[str, Any], member: str, where: str, default: str | None = None) -> str:
    value = holder.get(member, default)
    if not isinstance(value, str) or (default is None and not value):
        raise SchemaDefinitionError(f"{member} of {where} has to be text", member=member)
    if len(value) > LONGEST_TEXT or not value.replace("\n", " ").isprintable():
        told = f"{member} of {where} is too long or has characters that can't be shown"
        raise SchemaDefinitionError(told, member=member)
    return value


def _texts(holder: Mapping[str, Any], member: str, where: str) -> tuple[str, ...]:
    values = _list(holder, member, where)
    if not all(isinstance(value, str) for value in values):
        raise SchemaDefinitionError(f"{member} of {where} has to be an array of texts", member=member)
    return tuple(values)


def _flag(holder: Mapping[str, Any], member: str, where: str) -> bool:
    value = holder.get(member, False)
    if not isinstance(value, bool):
        raise SchemaDefinitionError(f"{member} of {where} has to be true or false", member=member)
    return value


def _choice(holder: Mapping[str, Any], member: str, kind: type[Kind], default: Kind, where: str) -> Kind:
    value = holder.get(member, default.value)
    found = next((one for one in kind if one.value == value), None)
    if found is None:
        told = f"{member} of {where} has to be one of {', '.join(one.value for one in kind)}"
        raise SchemaDefinitionError(told, member=member)
    return found
