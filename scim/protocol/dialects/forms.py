"""Other forms in which values of single attributes arrive, brought into the RFC's form before they are checked.

One function per attribute, found by its path. Each takes the raw value and gives the value to read instead.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import orjson

from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.folding import is_same_name
from scim.protocol.json_input import Json

Form = Callable[[Json, Reading, str], Json]


def read_manager(raw: Json, reading: Reading, where: str) -> Json:
    """T10: text, an array of one, and an object with an empty value stand for the manager or for none."""
    if isinstance(raw, str):
        reading.warn(WarningCode.MANAGER_FORM, where)
        return {"value": raw}
    if isinstance(raw, list) and len(raw) == 1:
        reading.warn(WarningCode.MANAGER_FORM, where)
        return {"value": raw[0]} if isinstance(raw[0], str) else raw[0]
    if isinstance(raw, dict) and any(is_same_name(name, "value") and not raw[name] for name in raw):
        reading.warn(WarningCode.MANAGER_FORM, where)
        return None
    return raw


def read_members(raw: Json, _reading: Reading, _where: str) -> Json:
    """T37: a member may be its bare id."""
    if isinstance(raw, list):
        return [{"value": element} if isinstance(element, str) else element for element in raw]
    return {"value": raw} if isinstance(raw, str) else raw


def read_roles(raw: Json, reading: Reading, where: str) -> Json:
    """T47: the value of a role may hold a JSON object as text, with `displayName` for `display`."""
    if not isinstance(raw, list):
        return raw
    return [_read_role(element, reading, f"{where}[{index}]") for index, element in enumerate(raw)]


def _read_role(raw: Json, reading: Reading, where: str) -> Json:
    text = next((raw[name] for name in raw if is_same_name(name, "value")), None) if isinstance(raw, dict) else raw
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return raw
    try:
        inner = orjson.loads(text)
    except orjson.JSONDecodeError:
        return raw  # a role may well begin with a brace
    if not isinstance(inner, dict) or not isinstance(inner.get("value"), str):
        return raw
    reading.warn(WarningCode.ROLE_JSON, where)
    role = {name: value for name, value in raw.items() if not is_same_name(name, "value")} if raw is not text else {}
    role["value"] = inner["value"]
    if isinstance(inner.get("displayName"), str):
        role.setdefault("display", inner["displayName"])
    return role


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        f"{urns.ENTERPRISE_USER}:manager": read_manager,
        "members": read_members,
        "roles": read_roles,
    },
)
