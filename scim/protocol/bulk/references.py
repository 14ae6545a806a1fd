"""References to resources that the same request creates (RFC 7644 section 3.7.2): "bulkId:qwerty" in place of an id.

They are looked for where a schema has references: in `value` and `$ref` of complex attributes that have a `$ref`
(members, manager, and what tenants define alike), and in attributes of the type reference. The same text anywhere else
is a value of its own. Values may come in any form that a single request may have.
"""

import re
from collections.abc import Callable
from typing import Final

from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath, SchemaPath
from scim.protocol.schemas.definitions import ResourceType

PREFIX: Final = "bulkId:"
_REF: Final = "$ref"
_NAMES: Final = frozenset({"value", _REF})
_QUOTED: Final = re.compile(r'"bulkId:([^"\\]*)"')

# Gives the text to put in place of a reference: of its bulkId, and whether it makes a member of a group.
Translate = Callable[[str, bool], str]


def bulk_id_of(text: str) -> str | None:
    """The bulkId that a text refers to, None when it is no reference."""
    return text[len(PREFIX) :] if text.startswith(PREFIX) else None


def translate_resource(resource_type: ResourceType, body: JsonObject, translate: Translate) -> JsonObject:
    """The body of a POST or PUT with its references translated; everything else is passed on as it is."""
    return {name: _member(resource_type, name, value, translate) for name, value in body.items()}


def translate_patch(resource_type: ResourceType, body: JsonObject, translate: Translate) -> JsonObject:
    """The same of a PatchOp message: in values and in the filters of paths."""
    return {
        name: [_operation(resource_type, one, translate) for one in value]
        if fold_name(name) == "operations" and isinstance(value, list)
        else value
        for name, value in body.items()
    }


def _operation(resource_type: ResourceType, raw: Json, translate: Translate) -> Json:
    if not isinstance(raw, dict):
        return raw
    names = {fold_name(name): name for name in raw}
    path = raw.get(names.get("path", ""))
    translated = dict(raw)
    if isinstance(path, str) and "[" in path:
        translated[names["path"]] = _path(resource_type, path, translate)
    if "value" in names:
        translated[names["value"]] = _value(resource_type, path, raw[names["value"]], translate)
    return translated


def _path(resource_type: ResourceType, path: str, translate: Translate) -> str:
    found = resource_type.namespace.resolve(path.partition("[")[0].strip())
    if found is None or not isinstance(found.target, AttributePath) or not _refers(found.target.attribute):
        return path
    is_membership = found.target.attribute.as_rows
    return _QUOTED.sub(lambda match: f'"{translate(match[1], is_membership)}"', path)


def _value(resource_type: ResourceType, path: Json, value: Json, translate: Translate) -> Json:
    if not isinstance(path, str):
        return translate_resource(resource_type, value, translate) if isinstance(value, dict) else value
    head, _, rest = path.partition("[")
    tail = rest.rpartition("]")[2]
    return _member(resource_type, f"{head.strip()}{tail.strip()}", value, translate)


def _member(resource_type: ResourceType, name: str, value: Json, translate: Translate) -> Json:
    found = resource_type.namespace.resolve(name)
    if found is None:
        return value
    if isinstance(found.target, SchemaPath):
        urn = found.target.schema
        if not isinstance(value, dict):
            return value
        return {
            inner: _member(resource_type, f"{urn}:{inner}" if urn and ":" not in inner else inner, held, translate)
            for inner, held in value.items()
        }
    attribute, part = found.target.attribute, found.target.sub_attribute
    if not _refers(attribute) or (part is not None and part.name not in _NAMES):
        return value
    return _reference(value, lambda bulk_id: translate(bulk_id, attribute.as_rows))


def _refers(attribute: Attribute) -> bool:
    """Whether its values point at resources."""
    if attribute.is_complex:
        return attribute.sub_attribute(_REF) is not None
    return attribute.type is AttributeType.REFERENCE


def _reference(value: Json, translate: Callable[[str], str]) -> Json:
    if isinstance(value, str):
        bulk_id = bulk_id_of(value)
        return value if bulk_id is None else translate(bulk_id)
    if isinstance(value, list):
        return [_reference(one, translate) for one in value]
    if isinstance(value, dict):
        return {name: _reference(held, translate) if _is_place(name) else held for name, held in value.items()}
    return value


def _is_place(name: str) -> bool:
    """Whether a member holds the reference; `members` is one more wrapping in which some clients send values (T05)."""
    return fold_name(name) in _NAMES or fold_name(name) == "members"
