"""Attribute notation (RFC 7644 section 3.10) and the names it may use for one resource type.

    attrPath = [URI ":"] ATTRNAME ["." ATTRNAME]

Every spelling that means something is listed once per resource type, folded; reading a path is one look-up. So there is
no guessing where a URN ends, and what isn't in the table is unknown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from scim.protocol.attributes import Attribute, Schema
from scim.protocol.folding import fold_name


@dataclass(frozen=True, repr=False)
class AttributePath:
    """A resolved path. `schema` is the URN of the extension that contains the attribute, None for core and common."""

    schema: str | None
    attribute: Attribute
    sub_attribute: Attribute | None = None

    @property
    def leaf(self) -> Attribute:
        return self.sub_attribute or self.attribute

    @property
    def keys(self) -> tuple[str, ...]:
        """The members to walk through in a document, from the outside in."""
        parts = (self.schema, self.attribute.name, self.sub_attribute and self.sub_attribute.name)
        return tuple(part for part in parts if part)

    @cached_property
    def whole(self) -> str:
        """The text of the path without its sub-attribute: what values of one attribute are filed under."""
        return f"{self.schema}:{self.attribute.name}" if self.schema else self.attribute.name

    @cached_property
    def local_name(self) -> str:
        """The path without its URN."""
        return f"{self.attribute.name}.{self.sub_attribute.name}" if self.sub_attribute else self.attribute.name

    @cached_property
    def text(self) -> str:
        """The path as one writes it: with its URN for an extension's attribute, without for any other."""
        return f"{self.schema}:{self.local_name}" if self.schema else self.local_name

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"AttributePath({self.text})"


@dataclass(frozen=True)
class SchemaPath:
    """A path that is the URN of a schema alone: its container. None stands for the core schema."""

    schema: str | None


class Spelling(Enum):
    """How a name was written; what is welcome in a filter isn't in a body."""

    PLAIN = auto()  # userName, name.givenName
    QUALIFIED = auto()  # urn:...:User:userName
    BARE_EXTENSION = auto()  # department, unambiguous but without its URN (tolerance T29)
    LEGACY_DOT = auto()  # urn:...:User.department (tolerance T62)


@dataclass(frozen=True)
class ResolvedName:
    target: AttributePath | SchemaPath
    spelling: Spelling


class Namespace:
    """The names that mean something where `core` schemas, common attributes and `extensions` come together.

    A resource type has one core schema. A query at the root sees several; a name that two of them define is the same
    member of the documents.
    """

    def __init__(self, *, common: tuple[Attribute, ...], core: Iterable[Schema], extensions: Iterable[Schema]) -> None:
        self._names: dict[str, ResolvedName] = {}
        extensions = tuple(extensions)
        for schema in core:
            attributes = (*common, *schema.attributes)
            self._add_schema(schema.id, None, attributes)
            for path in attribute_paths(None, attributes):
                self._add(path.text, path, Spelling.PLAIN)
        for schema in extensions:
            self._add_schema(schema.id, schema.id, schema.attributes)
        self._add_bare(extensions)

    def resolve(self, text: str) -> ResolvedName | None:
        """What the text names, or None."""
        return self._names.get(fold_name(text))

    def _add_schema(self, urn: str, container: str | None, attributes: tuple[Attribute, ...]) -> None:
        self._add(urn, SchemaPath(container), Spelling.QUALIFIED)
        for path in attribute_paths(container, attributes):
            self._add(f"{urn}:{path.local_name}", path, Spelling.QUALIFIED)
            self._add(f"{urn}.{path.local_name}", path, Spelling.LEGACY_DOT)

    def _add_bare(self, extensions: tuple[Schema, ...]) -> None:
        holders = Counter(name for schema in extensions for name in schema.attributes_by_name)
        for schema in extensions:
            lone = tuple(found for name, found in schema.attributes_by_name.items() if holders[name] == 1)
            for path in attribute_paths(schema.id, lone):
                self._add(path.local_name, path, Spelling.BARE_EXTENSION)

    def _add(self, text: str, target: AttributePath | SchemaPath, spelling: Spelling) -> None:
        # The first meaning stays: core before extensions.
        self._names.setdefault(fold_name(text), ResolvedName(target, spelling))


def attribute_paths(schema: str | None, attributes: Iterable[Attribute]) -> Iterator[AttributePath]:
    """Each attribute, followed by its sub-attributes."""
    for attribute in attributes:
        yield AttributePath(schema, attribute)
        for sub_attribute in attribute.sub_attributes:
            yield AttributePath(schema, attribute, sub_attribute)


def relative_names(attribute: Attribute) -> Mapping[str, Attribute]:
    """What may be named within the brackets of a value path: folded name to sub-attribute.

    A multi-valued attribute of simple values has elements without members; `value` stands for the element.
    """
    if attribute.is_complex:
        return attribute.sub_attributes_by_name
    return {"value": Attribute("value", type=attribute.type, case_exact=attribute.case_exact)}
