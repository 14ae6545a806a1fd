"""Documents as they are searched: every value in the form in which its type is compared.

The database keeps one beside each document, so that a filter compiled to SQL folds nothing itself and agrees with
`scim.protocol.filter.evaluate`. What the client never assigns (`id`, `meta`, `groups`) and what is kept as rows
(`members`) is answered from elsewhere; unknown extensions are not searched.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from scim.protocol.attributes import Attribute
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.scalars import comparison_key
from scim.protocol.schemas.definitions import ResourceType

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def search_document(resource_type: ResourceType, document: JsonObject) -> JsonObject:
    """The canonical document with its texts folded as the schema says and its times as numbers; nothing empty in it.

    It has the nesting of the document: it is written anew when a schema of the type changes.
    """
    folded: JsonObject = {}
    for path in resource_type.attributes:
        attribute = path.attribute
        holder = document.get(path.schema, {}) if path.schema else document
        if attribute.name not in holder or attribute.is_read_only or attribute.as_rows:
            continue
        value = _fold(attribute, holder[attribute.name])
        if value is not None:
            (folded.setdefault(path.schema, {}) if path.schema else folded)[attribute.name] = value
    return folded


def search_value(attribute: Attribute, value: Json) -> str | bool | int | float | None:
    """One simple value as it is compared: text, true or false, or a number; None when it isn't of the type.

    A time is its microseconds since 1970: text would have to be brought to UTC, which year 1 and year 9999 don't allow.
    """
    key = comparison_key(attribute, value)
    if isinstance(key, datetime):
        return (key - _EPOCH) // _TICK
    # PostgreSQL reads the shortest text of a float, which from 2**53 on isn't the whole number that it stands for.
    if isinstance(key, float) and key.is_integer():
        return int(key)
    return key


def _fold(attribute: Attribute, value: Json) -> Json:
    if not attribute.multi_valued:
        return _fold_one(attribute, value)
    elements = (_fold_one(attribute, element) for element in value)
    return [element for element in elements if element is not None] or None


def _fold_one(attribute: Attribute, value: Json) -> Json:
    if attribute.is_secret or value in (None, ""):
        return None
    if not attribute.is_complex:
        return search_value(attribute, value)
    parts = ((part, _fold(part, value[part.name])) for part in attribute.sub_attributes if part.name in value)
    return {part.name: folded for part, folded in parts if folded is not None} or None
