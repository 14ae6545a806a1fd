"""Values of the simple types of RFC 7643 section 2.3: reading them from JSON, and comparing them."""

import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from scim.protocol import bounds
from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import invalid_value
from scim.protocol.folding import fold_text
from scim.protocol.json_input import Json

Scalar: TypeAlias = str | bool | int | float
ComparisonKey: TypeAlias = str | bool | int | float | datetime

# xsd:dateTime with both parts (section 2.3.5); a time without a zone is taken as UTC.
_DATE_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_BOOLEAN_TEXTS: Final[Mapping[str, bool]] = MappingProxyType(
    {"true": True, "True": True, "false": False, "False": False},
)
_MISSING_PADDING: Final = {0: "", 2: "==", 3: "="}


def read_scalar(attribute: Attribute, raw: Json, *, where: str, reading: Reading) -> Scalar:
    """The value as the document holds it. Raises ScimError 400 invalidValue; text is never made from other types."""
    if attribute.type is AttributeType.BOOLEAN and isinstance(raw, str) and raw in _BOOLEAN_TEXTS:
        reading.warn(WarningCode.BOOL_STRING, where)
        return _BOOLEAN_TEXTS[raw]
    value = _READERS[attribute.type](raw, where)
    if isinstance(value, str):
        _check_length(attribute, value, where)
    return value


def parse_date_time(text: str) -> datetime | None:
    """An aware time, or None when the text is no xsd:dateTime."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def comparison_key(attribute: Attribute, value: Json) -> ComparisonKey | None:
    """What two values of the attribute are compared by, or None when the value isn't of its type."""
    if attribute.type is AttributeType.DATE_TIME:
        return parse_date_time(value) if isinstance(value, str) else None
    if attribute.type is AttributeType.BOOLEAN:
        return value if isinstance(value, bool) else None
    if attribute.type in (AttributeType.INTEGER, AttributeType.DECIMAL):
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    return value if attribute.compares_exactly else fold_text(value)


def _read_text(raw: Json, where: str) -> str:
    if not isinstance(raw, str):
        raise invalid_value(f"{where} has to be text.")
    return raw


def _read_boolean(raw: Json, where: str) -> bool:
    if isinstance(raw, bool):
        return raw
    raise invalid_value(f"{where} has to be true or false.")


def _read_integer(raw: Json, where: str) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise invalid_value(f"{where} has to be a whole number.")
    return raw


def _read_decimal(raw: Json, where: str) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise invalid_value(f"{where} has to be a number.")
    return raw


def _read_date_time(raw: Json, where: str) -> str:
    if not isinstance(raw, str) or parse_date_time(raw) is None:
        raise invalid_value(f"{where} has to be a date and time such as 2024-05-13T04:42:34Z.")
    return raw


def _read_binary(raw: Json, where: str) -> str:
    """Base64 with its padding restored: section 2.3.6 lets clients leave it out."""
    text = _read_text(raw, where)
    padded = text if text.endswith("=") else text + _MISSING_PADDING.get(len(text) % 4, "")
    try:
        binascii.a2b_base64(padded, strict_mode=True)
    except ValueError as error:  # binascii.Error, or a character beyond ASCII
        raise invalid_value(f"{where} has to be base64.") from error
    return padded


_READERS: Final[Mapping[AttributeType, Callable[[Json, str], Scalar]]] = MappingProxyType(
    {
        AttributeType.STRING: _read_text,
        AttributeType.REFERENCE: _read_text,
        AttributeType.BOOLEAN: _read_boolean,
        AttributeType.INTEGER: _read_integer,
        AttributeType.DECIMAL: _read_decimal,
        AttributeType.DATE_TIME: _read_date_time,
        AttributeType.BINARY: _read_binary,
    },
)


def _check_length(attribute: Attribute, text: str, where: str) -> None:
    if attribute.indexed:
        folded = text if attribute.compares_exactly else fold_text(text)
        if len(text) > bounds.INDEXED_CHARACTERS or len(folded.encode()) > bounds.INDEXED_FOLDED_BYTES:
            raise invalid_value(f"{where} is longer than {bounds.INDEXED_CHARACTERS} characters.")
    elif len(text) * 4 > bounds.TEXT_BYTES and len(text.encode()) > bounds.TEXT_BYTES:
        raise invalid_value(f"{where} is longer than {bounds.TEXT_BYTES} bytes.")
