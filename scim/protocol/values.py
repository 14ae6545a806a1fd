"""Values of attributes as a document holds them: complex and multi-valued ones, made of simple ones.

None stands for unassigned throughout: null, an empty array (RFC 7643 section 2.5), and by tolerance T46 empty text.
"""

from typing import Any, Final

from scim.protocol.attributes import Attribute
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import invalid_syntax, invalid_value
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.scalars import read_scalar

# An element that holds nothing else says nothing (tolerance T46).
_LABELS: Final = frozenset({"type", "primary"})


def read_value(attribute: Attribute, raw: Json, *, where: str, reading: Reading) -> Json | None:
    """The canonical value of an attribute. Raises ScimError 400 with `where` (its path) in the detail."""
    if attribute.multi_valued:
        return read_elements(attribute, raw, where=where, reading=reading)
    return read_element(attribute, raw, where=where, reading=reading)


def read_elements(attribute: Attribute, raw: Json, *, where: str, reading: Reading) -> list[Json] | None:
    """The canonical values of a multi-valued attribute, or None when there is none."""
    if raw is None:
        return None
    if not isinstance(raw, list):
        raise invalid_value(f"{where} has to be an array.")
    found = []
    for index, item in enumerate(raw):
        element = read_element(attribute, item, where=f"{where}[{index}]", reading=reading)
        if element is not None and not _is_bare_label(element):
            _check_required(attribute, element, f"{where}[{index}]")
            found.append(element)
    _keep_first_primary(found, where, reading)
    return found or None


def read_element(attribute: Attribute, raw: Json, *, where: str, reading: Reading) -> Json | None:
    """One value: that of a single-valued attribute, or one of several."""
    if raw is None or (raw == "" and attribute.is_written_as_text):
        return None
    if not attribute.is_complex:
        return read_scalar(attribute, raw, where=where, reading=reading)
    if not isinstance(raw, dict):
        raise invalid_value(f"{where} has to be an object.")
    element = read_parts(attribute, raw, where=where, reading=reading)
    if element and not attribute.multi_valued:
        _check_required(attribute, element, where)
    return element or None


def read_parts(attribute: Attribute, raw: JsonObject, *, where: str, reading: Reading) -> JsonObject:
    """The assigned sub-attributes in the schema's order; read-only ones are left out without a word."""
    named: dict[str, Json] = {}
    for name, value in raw.items():
        part = attribute.sub_attribute(name)
        if part is None:
            reading.warn(WarningCode.UNKNOWN_ATTR, f"{where}.{name}")
        elif part.name in named:
            raise invalid_syntax(f"{where}.{part.name} is named twice.")
        else:
            named[part.name] = value
    return _read_named(attribute, named, where, reading)


def _read_named(attribute: Attribute, named: JsonObject, where: str, reading: Reading) -> JsonObject:
    parts: JsonObject = {}
    for part in attribute.sub_attributes:
        if part.name in named and not part.is_read_only:
            value = read_value(part, named[part.name], where=f"{where}.{part.name}", reading=reading)
            if value is not None:
                parts[part.name] = value
    return parts


def _is_bare_label(element: Any) -> bool:
    return isinstance(element, dict) and _LABELS.issuperset(element)


def _check_required(attribute: Attribute, element: Any, where: str) -> None:
    for part in attribute.sub_attributes:
        if part.required and not part.is_read_only and part.name not in element:
            raise invalid_value(f"{where}.{part.name} is required.")


def _keep_first_primary(elements: list[Any], where: str, reading: Reading) -> None:
    """Section 2.4: at most one value is primary. Tolerance T49: the first stays so."""
    primaries = [element for element in elements if isinstance(element, dict) and element.get("primary") is True]
    for surplus in primaries[1:]:
        reading.warn(WarningCode.TWO_PRIMARIES, where)
        surplus["primary"] = False
