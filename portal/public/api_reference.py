"""The API description for people: the same operations and schemas that /openapi.json holds, grouped to be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final

from scim.description import Operation, describe_api, list_operations
from scim.protocol.schemas import BUILT_IN

REFERENCE: Final = "#/components/schemas/"


@dataclass(frozen=True)
class Property:
    """One attribute of a schema. `name` has its parents before it, as in name.givenName."""

    name: str
    kind: str
    description: str
    required: bool


@dataclass(frozen=True)
class SchemaTable:
    name: str
    description: str
    properties: Sequence[Property]


@dataclass(frozen=True)
class Group:
    """Operations that belong together, such as those of Users."""

    name: str
    operations: Sequence[Operation]


@cache
def list_groups() -> Sequence[Group]:
    """The operations of the built-in resource types, each of their groups in the order of the description."""
    rows = list_operations(BUILT_IN.resource_types)
    order = list(dict.fromkeys(row.tag for row in rows))
    ordered = sorted(rows, key=lambda row: order.index(row.tag))
    return [Group(name, list(found)) for name, found in groupby(ordered, key=lambda row: row.tag)]


@cache
def list_schema_tables() -> Sequence[SchemaTable]:
    """What is sent and answered, by name."""
    document = describe_api(schemas=BUILT_IN, base_url="")
    return [_table(name, schema) for name, schema in document["components"]["schemas"].items()]


def _table(name: str, schema: Mapping[str, Any]) -> SchemaTable:
    return SchemaTable(name, schema.get("description", ""), list(_properties(schema, "")))


def _properties(schema: Mapping[str, Any], before: str) -> Iterator[Property]:
    required = set(schema.get("required", ()))
    for name, told in schema.get("properties", {}).items():
        yield Property(f"{before}{name}", _kind(told), told.get("description", ""), name in required)
        inner = told.get("items", told)
        separator = ":" if name.startswith("urn:") else "."
        yield from _properties(inner, f"{before}{name}{separator}")


def _kind(told: Mapping[str, Any]) -> str:
    """In words, as in `array of Error` and `string, date-time`."""
    if "$ref" in told:
        return str(told["$ref"]).removeprefix(REFERENCE)
    if told.get("type") == "array":
        return f"array of {_kind(told['items'])}"
    if "anyOf" in told:
        return " or ".join(_kind(one) for one in told["anyOf"])
    if "const" in told:
        return f'"{told["const"]}"'
    if "enum" in told:
        return "one of " + ", ".join(str(value) for value in told["enum"])
    kind = str(told.get("type", "any JSON"))
    return f"{kind}, {told['format']}" if "format" in told else kind
