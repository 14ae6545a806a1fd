"""Attributes with every characteristic of RFC 7643 sections 2.2 and 7, and the schemas that hold them."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from scim.protocol.folding import fold_name


class AttributeType(StrEnum):
    STRING = "string"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE_TIME = "dateTime"
    BINARY = "binary"
    REFERENCE = "reference"
    COMPLEX = "complex"


class Mutability(StrEnum):
    READ_ONLY = "readOnly"
    READ_WRITE = "readWrite"
    IMMUTABLE = "immutable"
    WRITE_ONLY = "writeOnly"


class Returned(StrEnum):
    ALWAYS = "always"
    NEVER = "never"
    DEFAULT = "default"
    REQUEST = "request"


class Uniqueness(StrEnum):
    NONE = "none"
    SERVER = "server"
    GLOBAL = "global"


# Sections 2.3.6 and 2.3.7: binaries and references are case exact whatever a schema says of them.
ALWAYS_EXACT: Final = frozenset({AttributeType.BINARY, AttributeType.REFERENCE})

TEXTUAL: Final = ALWAYS_EXACT | {AttributeType.STRING, AttributeType.DATE_TIME}


@dataclass(frozen=True)
class Attribute:
    """One attribute or sub-attribute. Names are unique in their schema, case aside."""

    name: str
    description: str = field(default="", repr=False)
    _: KW_ONLY
    type: AttributeType = AttributeType.STRING
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = Mutability.READ_WRITE
    returned: Returned = Returned.DEFAULT
    uniqueness: Uniqueness = Uniqueness.NONE
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple["Attribute", ...] = field(default=(), repr=False)
    # Ours, never published: kept in an index and bounded accordingly.
    indexed: bool = False
    # Ours: kept as rows of its own and not in the document, because there may be a million.
    as_rows: bool = False
    # Ours: what a new resource gets when the client assigns nothing. A replacement or null leaves what there is.
    default: bool | str | None = None

    @property
    def is_complex(self) -> bool:
        return self.type is AttributeType.COMPLEX

    @property
    def is_written_as_text(self) -> bool:
        """Whether its values are JSON strings."""
        return self.type in TEXTUAL

    @property
    def is_read_only(self) -> bool:
        return self.mutability is Mutability.READ_ONLY

    @property
    def is_secret(self) -> bool:
        """Whether a value may be neither stored in the document nor shown nor filtered by."""
        return self.mutability is Mutability.WRITE_ONLY or self.returned is Returned.NEVER

    @property
    def compares_exactly(self) -> bool:
        return self.case_exact or self.type in ALWAYS_EXACT

    @cached_property
    def sub_attributes_by_name(self) -> Mapping[str, "Attribute"]:
        return by_folded_name(self.sub_attributes)

    def sub_attribute(self, name: str) -> "Attribute | None":
        return self.sub_attributes_by_name.get(fold_name(name))


@dataclass(frozen=True)
class Schema:
    """A schema as RFC 7643 section 7 defines it; `id` is its URN."""

    id: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]

    @cached_property
    def attributes_by_name(self) -> Mapping[str, Attribute]:
        return by_folded_name(self.attributes)

    def attribute(self, name: str) -> Attribute | None:
        return self.attributes_by_name.get(fold_name(name))


def by_folded_name(attributes: Iterable[Attribute]) -> Mapping[str, Attribute]:
    return {fold_name(attribute.name): attribute for attribute in attributes}
