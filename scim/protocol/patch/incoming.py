"""Values as operations bring them, read as canonical values of their attribute.

A multi-valued attribute may get one value without an array around it (section 3.5.2.1, "a new value is added").
"""

from typing import Any

from scim.protocol import bounds
from scim.protocol.attributes import Attribute
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.forms import FORMS
from scim.protocol.errors import ScimError, invalid_value
from scim.protocol.folding import is_same_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.patch.targets import Target
from scim.protocol.paths import AttributePath
from scim.protocol.values import read_elements


def read_listed(path: AttributePath, raw: Json, *, reading: Reading) -> list[Any]:
    """Values of a multi-valued attribute. Raises ScimError 400 invalidValue, and 413 beyond 10,000 values."""
    listed = raw if isinstance(raw, list) else [raw]
    if len(listed) > bounds.PATCH_MEMBERS:
        raise ScimError(f"An operation may hold {bounds.PATCH_MEMBERS} values of {path}.", status=413)
    formed = _apply_form(path, listed, reading)
    return read_elements(path.attribute, formed, where=path.text, reading=reading) or []


def unwrap_listed(attribute: Attribute, raw: Json) -> Json:
    """Tolerance T05: the values to remove may come in an object, under the name of their attribute."""
    if isinstance(raw, dict) and len(raw) == 1:
        name, listed = next(iter(raw.items()))
        if is_same_name(name, attribute.name) and attribute.sub_attribute(name) is None:
            return [] if listed is None else listed
    return raw


def read_parts_of(target: Target, raw: Json, *, reading: Reading) -> JsonObject | None:
    """What the operation says of one value, raw but by sub-attributes; None when it unassigns the value.

    Raises ScimError 400 invalidValue.
    """
    path = target.path
    if path.sub_attribute:
        if path.sub_attribute.multi_valued and raw is not None and not isinstance(raw, list):
            raw = [raw]
        raw = {path.sub_attribute.name: raw}
    elif raw is not None and not path.attribute.is_complex:
        raw = {"value": raw}
    formed = _form_one(path, raw, reading)
    if formed is not None and not isinstance(formed, dict):
        raise invalid_value(f"{path.whole} has to be an object.")
    return formed


def _form_one(path: AttributePath, raw: Json, reading: Reading) -> Json:
    """One value in the RFC's form; for a multi-valued attribute it may stand in an array of its own."""
    if not path.attribute.multi_valued:
        return None if raw is None else _apply_form(path, raw, reading)
    if isinstance(raw, list) and len(raw) > 1:
        raise invalid_value(f"{path.whole} has to be one value here.")
    formed: list[Any] = _apply_form(path, raw if isinstance(raw, list) else [raw], reading)
    return formed[0] if formed else None


def _apply_form(path: AttributePath, raw: Json, reading: Reading) -> Json:
    form = FORMS.get(path.whole)
    return form(raw, reading, path.whole) if form else raw
