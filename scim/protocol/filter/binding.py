"""What the names and values of a filter mean: attributes of a resource type, and values of their types.

RFC 7644 section 3.4.2.2, table 3, says which comparisons a type knows. Tolerances: T24 (value without quotes), T27
(multi-valued attribute compared by its `value`), T29 (extension's attribute without its URN), T48 (boolean in quotes),
T62 (dot after the URN).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson

from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimType
from scim.protocol.filter.nodes import Operator
from scim.protocol.filter.tokens import InvalidFilterError, Token, TokenKind
from scim.protocol.folding import fold_name
from scim.protocol.json_input import is_beyond_64_bits
from scim.protocol.paths import AttributePath, Namespace, Spelling, relative_names
from scim.protocol.scalars import Scalar, parse_date_time

_EQUALITY: Final = frozenset({Operator.EQ, Operator.NE})
_ORDER: Final = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})
_SUBSTRING: Final = frozenset({Operator.CO, Operator.SW, Operator.EW})

OPERATORS: Final[Mapping[AttributeType, frozenset[Operator]]] = MappingProxyType(
    {
        AttributeType.STRING: _EQUALITY | _ORDER | _SUBSTRING,
        AttributeType.REFERENCE: _EQUALITY | _ORDER | _SUBSTRING,
        AttributeType.BINARY: _EQUALITY | _SUBSTRING,
        AttributeType.BOOLEAN: _EQUALITY,
        AttributeType.INTEGER: _EQUALITY | _ORDER,
        AttributeType.DECIMAL: _EQUALITY | _ORDER,
        AttributeType.DATE_TIME: _EQUALITY | _ORDER,
        AttributeType.COMPLEX: frozenset(),
    },
)

# Characters of an unknown name that an error repeats.
_SHOWN: Final = 100
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
# What may stand without quotes by tolerance T24: neither another kind of quotes nor a word of the grammar.
_UNQUOTED: Final = re.compile(r"(?!(?i:and|or|not)\Z)[^'`\x00-\x1f]+")
_TEXT_TYPES: Final = frozenset({AttributeType.STRING, AttributeType.REFERENCE, AttributeType.BINARY})
_LITERALS: Final[Mapping[str, bool | None]] = MappingProxyType({"true": True, "false": False, "null": None})


def bind_path(namespace: Namespace, token: Token, *, reading: Reading) -> AttributePath:
    """The attribute a path names. Raises InvalidFilterError when there is none or nobody may filter by it."""
    found = namespace.resolve(token.text)
    if found is None or not isinstance(found.target, AttributePath):
        raise InvalidFilterError(f"There is no attribute {token.text[:_SHOWN]}", token.position)
    if found.spelling is Spelling.LEGACY_DOT:
        reading.warn(WarningCode.LEGACY_DOT, token.text, scim_type=ScimType.INVALID_FILTER)
    if found.target.leaf.is_secret:
        raise InvalidFilterError(f"{found.target} can't be used in a filter", token.position)
    return found.target


def bind_part(parent: AttributePath, token: Token) -> AttributePath:
    """A path within the brackets of a value path, or after them."""
    part = relative_names(parent.leaf).get(fold_name(token.text))
    if part is None:
        raise InvalidFilterError(f"{parent} has no sub-attribute {token.text[:_SHOWN]}", token.position)
    return AttributePath(None, part)


def bind_comparable(path: AttributePath, token: Token) -> AttributePath:
    """The path whose values are compared: a complex attribute stands for its `value` (T27)."""
    if not path.leaf.is_complex:
        return path
    value = path.attribute.sub_attribute("value")
    if value is None:
        raise InvalidFilterError(f"{path} is complex: name one of its sub-attributes", token.position)
    return AttributePath(path.schema, path.attribute, value)


def bind_operator(attribute: Attribute, token: Token) -> Operator:
    name = token.text.lower()
    if token.kind is not TokenKind.WORD or name not in Operator.__members__.values():
        raise InvalidFilterError("An operator is expected", token.position)
    operator = Operator(name)
    if operator not in OPERATORS[attribute.type]:
        raise InvalidFilterError(
            f"{operator.value} can't compare values of type {attribute.type.value}", token.position
        )
    return operator


def bind_value(attribute: Attribute, operator: Operator, token: Token, *, reading: Reading) -> Scalar | None:
    """The value to compare with, of the attribute's type. Raises InvalidFilterError."""
    if token.kind not in (TokenKind.STRING, TokenKind.WORD):
        raise InvalidFilterError("A value is expected", token.position)
    if token.is_word("null"):
        if operator not in _EQUALITY:
            raise InvalidFilterError(f"{operator.value} can't compare with null", token.position)
        return None
    if attribute.type in _TEXT_TYPES:
        return _text(token, reading)
    if attribute.type is AttributeType.BOOLEAN:
        return _boolean(token, reading)
    if attribute.type is AttributeType.DATE_TIME:
        return _date_time(token, reading)
    return _number(token)


def _text(token: Token, reading: Reading) -> str:
    if token.kind is TokenKind.WORD:
        if not _UNQUOTED.fullmatch(token.text):
            raise InvalidFilterError("A value is expected", token.position)
        reading.warn(WarningCode.UNQUOTED, f"character {token.position + 1} of the filter")
    return token.text


def _boolean(token: Token, reading: Reading) -> bool:
    value = _LITERALS.get(token.text.lower())
    if not isinstance(value, bool):
        raise InvalidFilterError("true or false is expected", token.position)
    if token.kind is TokenKind.STRING:
        where = f"character {token.position + 1} of the filter"
        reading.warn(WarningCode.BOOL_STRING, where, scim_type=ScimType.INVALID_FILTER)
    return value


def _date_time(token: Token, reading: Reading) -> str:
    text = _text(token, reading)
    if parse_date_time(text) is None:
        raise InvalidFilterError("A date and time such as 2024-05-13T04:42:34Z is expected", token.position)
    return text


def _number(token: Token) -> int | float:
    if token.kind is not TokenKind.WORD or not _NUMBER.fullmatch(token.text):
        raise InvalidFilterError("A number is expected", token.position)
    try:
        value: int | float = orjson.loads(token.text)
    except orjson.JSONDecodeError as error:
        raise InvalidFilterError("The number is too large", token.position) from error
    if is_beyond_64_bits(value):
        raise InvalidFilterError("The number is too large", token.position)
    return value
