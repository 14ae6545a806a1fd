"""What of a stored document a changed definition would not have stored: it stands in the way of the change.

A definition never changes a document. So it may only come into force when each document is what it would have made of
it: names in its spelling, values of its types, nothing unknown, nothing missing.
"""

from collections.abc import Iterator, Mapping

from scim.protocol.attributes import Attribute, Schema
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.errors import ScimError
from scim.protocol.filter.evaluate import values_at
from scim.protocol.folding import fold_name, fold_text
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.common_attributes import COMMON_ATTRIBUTES
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.values import read_value

_COMMON = frozenset(attribute.name for attribute in COMMON_ATTRIBUTES)


def find_obstacles(before: ResourceType, after: ResourceType, document: JsonObject) -> frozenset[str]:
    """Sentences about the document, each naming the attribute and none a value."""
    return frozenset((*_holders(before, after, document), *_case(before, after, document)))


def _holders(before: ResourceType, after: ResourceType, document: JsonObject) -> Iterator[str]:
    core = {name: value for name, value in document.items() if ":" not in name and name not in _COMMON}
    yield from _conform(after.schema, None, core)
    for name in document:
        if ":" in name:
            known = after.schema_ids.get(fold_name(name))
            if known and known != name:
                yield f"{name} is written otherwise than {known}"
            elif known is None and fold_name(name) in before.schema_ids:
                yield f"{name} would lose its definition"
    for extension in after.extensions:
        urn = extension.schema.id
        if urn in document:
            yield from _conform(extension.schema, urn, document[urn])
        elif extension.required:
            yield f"{urn} is required"


def _conform(schema: Schema, urn: str | None, holder: Mapping[str, Json]) -> Iterator[str]:
    for name, value in holder.items():
        attribute = schema.attribute(name)
        place = f"{urn}:{name}" if urn else name
        if attribute is None or attribute.name != name:
            yield f"{place} is not defined in this spelling"
        elif attribute.is_read_only or attribute.is_secret:
            yield f"{place} may not hold a value that a client gave"
        elif not attribute.as_rows:
            yield from _read(attribute, value, place)
    for attribute in schema.attributes:
        may_miss = attribute.is_read_only or attribute.is_secret or attribute.as_rows
        if attribute.required and not may_miss and attribute.name not in holder:
            yield f"{urn}:{attribute.name} is required" if urn else f"{attribute.name} is required"


def _read(attribute: Attribute, value: Json, place: str) -> Iterator[str]:
    try:
        read = read_value(attribute, value, where=place, reading=Reading(STRICT))
    except ScimError as error:
        yield error.detail.rstrip(".")
    else:
        if read != value:
            yield f"{place} would be written otherwise"


def _case(before: ResourceType, after: ResourceType, document: JsonObject) -> Iterator[str]:
    """Values that are found whatever the case of what is asked for, and would no longer be."""
    folded: Mapping[str, AttributePath] = {path.text: path for path in before.paths if not path.leaf.compares_exactly}
    for path in after.paths:
        if path.leaf.compares_exactly and path.text in folded:
            values = values_at(path, document)
            if any(isinstance(value, str) and value != fold_text(value) for value in values):
                yield f"{path} holds values whose case would begin to matter"
