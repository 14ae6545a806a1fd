"""Resource types and sets of them (RFC 7643 sections 3.2, 3.3 and 6), built in or defined by a tenant at run time."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any, Final, TypeVar

from scim.protocol.attributes import Attribute, Schema
from scim.protocol.folding import fold_name, is_same_name
from scim.protocol.paths import AttributePath, Namespace, attribute_paths
from scim.protocol.schemas.common_attributes import COMMON_ATTRIBUTES, SCHEMAS_ATTRIBUTE

# RFC 7643 section 2.1; sub-attributes named "$ref" are the exception the RFC itself makes.
_ATTRIBUTE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9$_-]*|\$ref")
_URN: Final = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[A-Za-z0-9:._-]{1,400}")
_Derived = TypeVar("_Derived")


class SchemaDefinitionError(ValueError):
    """A schema or resource type that can't be defined. The text names what is wrong and where.

    `member` is the characteristic that is wrong, and `position` counts from 0 which attribute, and which of its
    sub-attributes, has it; both are empty where it is none in particular.
    """

    def __init__(self, text: str, *, member: str = "", position: tuple[int, ...] = ()) -> None:
        super().__init__(text)
        self.member, self.position = member, position


@dataclass(frozen=True)
class SchemaExtension:
    schema: Schema
    required: bool = False


@dataclass(frozen=True)
class ResourceType:
    """A kind of resource: its endpoint ("/Users"), its core schema and the extensions it may carry."""

    name: str
    endpoint: str
    description: str
    schema: Schema
    extensions: tuple[SchemaExtension, ...] = ()
    revision: int = 0  # of the tenant's definitions that it comes from; 0 where nothing is defined
    # Paths of values that have been there before their index was asked for, until all of them are in it: no search
    # relies on it meanwhile, and whether a value is unique is asked of the resources themselves.
    unindexed: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()

    @cached_property
    def namespace(self) -> Namespace:
        return Namespace(
            common=COMMON_ATTRIBUTES,
            core=(self.schema,),
            extensions=(extension.schema for extension in self.extensions),
        )

    @cached_property
    def paths(self) -> tuple[AttributePath, ...]:
        """Every attribute and sub-attribute in the order a document shows them."""
        return tuple(self._walk())

    def _walk(self) -> Iterator[AttributePath]:
        yield from attribute_paths(None, (*COMMON_ATTRIBUTES, *self.schema.attributes))
        for extension in self.extensions:
            yield from attribute_paths(extension.schema.id, extension.schema.attributes)

    @cached_property
    def attributes(self) -> tuple[AttributePath, ...]:
        """Every attribute without the sub-attributes."""
        return tuple(path for path in self.paths if path.sub_attribute is None)

    @cached_property
    def writable(self) -> tuple[AttributePath, ...]:
        """The attributes a client assigns. `schemas` isn't one: it follows from the others."""
        return tuple(
            path for path in self.attributes if not path.attribute.is_read_only and path.text != SCHEMAS_ATTRIBUTE
        )

    @cached_property
    def required(self) -> tuple[AttributePath, ...]:
        """Those of the writable attributes that a document can't do without."""
        return tuple(
            path
            for path in self.writable
            if path.attribute.required and not path.attribute.is_secret and not path.attribute.as_rows
        )

    def with_extension(self, schema: Schema, *, required: bool = False) -> "ResourceType":
        """The same type with one more extension. Raises SchemaDefinitionError."""
        check_schema(schema)
        if fold_name(schema.id) in self.schema_ids:
            raise SchemaDefinitionError(f"{self.name} already has the schema {schema.id}")
        return replace(self, extensions=(*self.extensions, SchemaExtension(schema, required)))

    @cached_property
    def schema_ids(self) -> Mapping[str, str]:
        """The URNs of its schemas by their folded form."""
        return {fold_name(schema.id): schema.id for schema in self.all_schemas}

    @property
    def all_schemas(self) -> tuple[Schema, ...]:
        return (self.schema, *(extension.schema for extension in self.extensions))


def derived_once(derive: Callable[[ResourceType], _Derived]) -> Callable[[ResourceType], _Derived]:
    """Keeps what a function of the resource type alone gives, with the type itself, as cached_property does.

    Types never change: other definitions make another type, so nothing kept can be outdated.
    """
    key = f"{derive.__module__}.{derive.__qualname__}"

    @wraps(derive)
    def remember(resource_type: ResourceType) -> _Derived:
        kept = vars(resource_type)
        if key not in kept:
            kept[key] = derive(resource_type)
        found: _Derived = kept[key]
        return found

    return remember


@dataclass(frozen=True)
class SchemaSet:
    """The resource types one tenant knows."""

    resource_types: tuple[ResourceType, ...]
    revision: int = 0
    defined: tuple[Schema, ...] = ()  # by the tenant, also those that no type uses yet

    def resource_type(self, name: str) -> ResourceType | None:
        return next((known for known in self.resource_types if is_same_name(known.name, name)), None)

    def at_endpoint(self, endpoint: str) -> ResourceType | None:
        """The type behind "/Users"; endpoints are compared exactly, as the rest of a URL is."""
        return next((known for known in self.resource_types if known.endpoint == endpoint), None)

    def schema(self, urn: str) -> Schema | None:
        return next((known for known in self.schemas if is_same_name(known.id, urn)), None)

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """Every schema once, in the order the types name them."""
        found = (schema for resource_type in self.resource_types for schema in resource_type.all_schemas)
        return tuple({fold_name(schema.id): schema for schema in (*found, *self.defined)}.values())

    @cached_property
    def namespace(self) -> Namespace:
        """The names a query at the root may use: those of all types together."""
        extensions = (extension.schema for known in self.resource_types for extension in known.extensions)
        return Namespace(
            common=COMMON_ATTRIBUTES,
            core=(known.schema for known in self.resource_types),
            extensions={fold_name(schema.id): schema for schema in extensions}.values(),
        )


def check_schema(schema: Schema) -> None:
    """Raise SchemaDefinitionError when a schema defined at run time breaks RFC 7643 (with erratum 8415)."""
    if not _URN.fullmatch(schema.id):
        raise SchemaDefinitionError(f"{schema.id!r} is not a URN", member="id")
    _check_names(schema.attributes, schema.id)
    for number, attribute in enumerate(schema.attributes):
        at: dict[str, Any] = {"member": "type", "position": (number,)}
        _check_names(attribute.sub_attributes, attribute.name, number)
        if bool(attribute.sub_attributes) != attribute.is_complex:
            raise SchemaDefinitionError(f"{attribute.name} has to be complex exactly when it has sub-attributes", **at)
        if any(sub_attribute.is_complex for sub_attribute in attribute.sub_attributes):
            raise SchemaDefinitionError(f"a sub-attribute of {attribute.name} is complex", **at)


def _check_names(attributes: Iterable[Attribute], where: str, *holder: int) -> None:
    seen: set[str] = set()
    for number, attribute in enumerate(attributes):
        at: dict[str, Any] = {"member": "name", "position": (*holder, number)}
        if not _ATTRIBUTE_NAME.fullmatch(attribute.name):
            raise SchemaDefinitionError(f"{attribute.name!r} in {where} is not a name of an attribute", **at)
        if fold_name(attribute.name) in seen:
            raise SchemaDefinitionError(f"{attribute.name} occurs twice in {where}", **at)
        seen.add(fold_name(attribute.name))
