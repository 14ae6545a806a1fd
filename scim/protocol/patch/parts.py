"""The parts of one complex value: merging, comparing, and what may not change (RFC 7644 section 3.5.2)."""

from typing import Any, Final

import orjson

from scim.protocol.attributes import Attribute, AttributeType, Mutability
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.folding import is_same_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.scalars import comparison_key
from scim.protocol.values import read_parts

_REFERENCE: Final = "$ref"
_VALUE: Final = "value"


def merge_parts(
    attribute: Attribute, current: JsonObject, raw: JsonObject, *, where: str, reading: Reading, extend: bool
) -> JsonObject:
    """The current value with the parts that `raw` names: null unassigns one, the others stay (tolerance T45).

    `extend` adds to a multi-valued part what is new. Raises ScimError 400 invalidValue or mutability.
    """
    read = read_parts(attribute, raw, where=where, reading=reading)
    merged = dict(current)
    for part in attribute.sub_attributes:
        if part.is_read_only or not _is_named(part, raw):
            continue
        value = read.get(part.name)
        if extend and part.multi_valued:
            value = union(current.get(part.name, []), value or []) or None
        hold_immutable_part(part, current.get(part.name), value, where=f"{where}.{part.name}")
        merged[part.name] = value
    if merged.get(_VALUE) != current.get(_VALUE) and _REFERENCE not in raw:
        merged.pop(_REFERENCE, None)  # it led to the former value
    parts = ((part.name, merged.get(part.name)) for part in attribute.sub_attributes)
    return {name: value for name, value in parts if value is not None}


def hold_immutable(attribute: Attribute, current: Json | None, value: Json | None, *, where: str) -> None:
    """Raise ScimError 400 mutability when what is immutable and assigned would change (RFC 7643 section 2.2)."""
    hold_immutable_part(attribute, current, value, where=where)
    if attribute.is_complex and not attribute.multi_valued:
        for part in attribute.sub_attributes:
            before, after = (current or {}).get(part.name), (value or {}).get(part.name)
            hold_immutable_part(part, before, after, where=f"{where}.{part.name}")


def hold_immutable_part(part: Attribute, current: Json | None, value: Json | None, *, where: str) -> None:
    """As hold_immutable, for one level."""
    if part.mutability is Mutability.IMMUTABLE and current is not None and value != current:
        raise ScimError(f"{where} can't be changed once it is set.", scim_type=ScimType.MUTABILITY)


def covers(attribute: Attribute, known: JsonObject, wanted: JsonObject) -> bool:
    """Whether a value already has all parts of another one; what is false may also be unassigned."""
    return all(
        _is_same(part, known.get(part.name), wanted[part.name])
        for part in attribute.sub_attributes
        if part.name in wanted
    )


def _is_same(part: Attribute, known: Json | None, wanted: Json) -> bool:
    if part.type is AttributeType.BOOLEAN:
        return bool(known) is bool(wanted)
    if part.multi_valued or known is None:
        return bool(known == wanted)
    return comparison_key(part, known) == comparison_key(part, wanted)


def _is_named(part: Attribute, raw: JsonObject) -> bool:
    return any(is_same_name(part.name, name) for name in raw)


def union(current: list[Any], added: list[Any]) -> list[Any]:
    """The current values, then those of the others that aren't among them."""
    known = {_json_key(value) for value in current}
    fresh = {_json_key(value): value for value in added}
    return [*current, *(value for key, value in fresh.items() if key not in known)]


def difference(current: list[Any], removed: list[Any]) -> list[Any]:
    """The current values but for the others."""
    gone = {_json_key(value) for value in removed}
    return [value for value in current if _json_key(value) not in gone]


def _json_key(value: Json) -> bytes:
    """Equal for equal JSON values; comparing each with each would take long."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
