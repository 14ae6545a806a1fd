"""What the path of an operation leads to (RFC 7644 sections 3.5.2 and 3.10).

    PATH = attrPath / valuePath [subAttr]

Tolerances: T14 (mistaken URN), T62 (dot after the URN).
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.filter.nodes import Node
from scim.protocol.filter.parser import FilterParser
from scim.protocol.filter.tokens import Token, TokenKind, scan_tokens
from scim.protocol.folding import fold_name
from scim.protocol.intake import canonical_urn, is_urn
from scim.protocol.paths import AttributePath, ResolvedName, SchemaPath, Spelling, relative_names
from scim.protocol.schemas.definitions import ResourceType


@dataclass(frozen=True)
class Target:
    """An attribute or sub-attribute, in those of its values that meet the condition where there is one."""

    path: AttributePath
    condition: Node | None = None
    spelling: Spelling = Spelling.PLAIN

    @property
    def is_whole(self) -> bool:
        """Whether it is the attribute itself, and not something within its values."""
        return self.condition is None and self.path.sub_attribute is None

    def __str__(self) -> str:
        part = f".{self.path.sub_attribute.name}" if self.path.sub_attribute else ""
        return f"{self.path.whole}[{self.condition}]{part}" if self.condition else self.path.text


@dataclass(frozen=True)
class Container:
    """All attributes of a schema."""

    urn: str


@dataclass(frozen=True)
class Foreign:
    """Something under a URN that no schema of the tenant has: an extension or an attribute of one."""

    text: str


AnyTarget: TypeAlias = Target | Container | Foreign


def resolve_target(text: str, *, resource_type: ResourceType, reading: Reading) -> AnyTarget | None:
    """What the text leads to, None when it is unknown. Raises ScimError 400 invalidFilter or invalidPath."""
    if "[" in text:
        return _resolve_value_path(text, resource_type, reading)
    found = _resolve_name(text, resource_type, reading)
    if found is None:
        return Foreign(text) if _is_foreign(text, resource_type) else None
    if isinstance(found.target, SchemaPath):
        return Container(found.target.schema or resource_type.schema.id)
    return Target(found.target, spelling=found.spelling)


def _resolve_name(text: str, resource_type: ResourceType, reading: Reading) -> ResolvedName | None:
    found = resource_type.namespace.resolve(text)
    if found is None:
        return _resolve_mistaken(text, resource_type, reading)
    if found.spelling is Spelling.LEGACY_DOT:
        reading.warn(WarningCode.LEGACY_DOT, text)
    return found


def _resolve_mistaken(text: str, resource_type: ResourceType, reading: Reading) -> ResolvedName | None:
    """Tolerance T14, for a URN alone and for one in front of an attribute."""
    head, _, tail = text.rpartition(":")
    for urn, name in ((text, ""), (head, f":{tail}")):
        canonical = canonical_urn(resource_type, urn)
        if canonical and fold_name(canonical) != fold_name(urn):
            reading.warn(WarningCode.SCHEMA_URI, text, scim_type=ScimType.INVALID_PATH)
            return resource_type.namespace.resolve(canonical + name)
    return None


def _is_foreign(text: str, resource_type: ResourceType) -> bool:
    head, _, tail = text.rpartition(":")
    return is_urn(text) and bool(tail) and canonical_urn(resource_type, head) is None


def _resolve_value_path(text: str, resource_type: ResourceType, reading: Reading) -> Target | None:
    tokens = scan_tokens(text)
    ends = [index for index, token in enumerate(tokens) if token.kind is TokenKind.CLOSE_BRACKET]
    if not ends or tokens[0].kind is not TokenKind.WORD or tokens[1].kind is not TokenKind.OPEN_BRACKET:
        raise _invalid_path(text)
    found = _resolve_name(tokens[0].text, resource_type, reading)
    if found is None or not isinstance(found.target, AttributePath):
        return None
    selection, rest = tokens[: ends[-1] + 1], tokens[ends[-1] + 1 : -1]
    selection.append(Token(TokenKind.END, "", tokens[ends[-1]].position + 1))
    target = Target(found.target, _read_condition(selection, found.target, resource_type, reading), found.spelling)
    return _step_into(target, rest, text) if rest else target


def _read_condition(tokens: list[Token], path: AttributePath, resource_type: ResourceType, reading: Reading) -> Node:
    """What stands in the brackets, which the filter's parser reads with the bounds of filters."""
    parser = FilterParser(tokens, resource_type.namespace, reading)
    value_path = parser.read_value_path(path, parser.advance())
    parser.take(TokenKind.END, "The end of the brackets is expected")
    return value_path.condition


def _step_into(target: Target, rest: list[Token], text: str) -> Target | None:
    """The sub-attribute behind the brackets; None when there is none of that name."""
    name = rest[0].text
    if len(rest) > 1 or rest[0].kind is not TokenKind.WORD or not name.startswith("."):
        raise _invalid_path(text)
    part = relative_names(target.path.attribute).get(fold_name(name[1:]))
    return replace(target, path=replace(target.path, sub_attribute=part)) if part else None


def _invalid_path(text: str) -> ScimError:
    return ScimError(f"{text[:100]} is not a path.", scim_type=ScimType.INVALID_PATH)
