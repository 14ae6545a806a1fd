"""Canonical documents as stored: what holds of each, however it came about (RFC 7643 sections 2.2, 2.5 and 3).

A canonical document has the schema's casing, no unassigned member, no read-only and no secret value, and `schemas` of
ours. Extensions nest under their URN, unknown ones too.
"""

import orjson

from scim.protocol import bounds
from scim.protocol.attributes import Attribute, Mutability
from scim.protocol.errors import ScimError, ScimType, invalid_value
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType


def complete_document(resource_type: ResourceType, document: JsonObject) -> JsonObject:
    """The document with its `schemas`, once it holds what is required and is not too large.

    Raises ScimError 400 invalidValue.
    """
    for path in resource_type.required:
        # An attribute of an extension is required where the extension is in use.
        if (path.schema is None or path.schema in document) and value_at(document, path) is None:
            raise invalid_value(f"{path} is required.")
    for extension in resource_type.extensions:
        if extension.required and extension.schema.id not in document:
            raise invalid_value(f"{extension.schema.id} is required.")
    complete = {SCHEMAS_ATTRIBUTE: [], **document}
    complete[SCHEMAS_ATTRIBUTE] = document_schemas(resource_type, document)
    if len(orjson.dumps(complete)) > bounds.RESOURCE_BYTES:
        raise invalid_value(f"The resource is larger than {bounds.RESOURCE_BYTES} bytes.")
    return complete


def document_schemas(resource_type: ResourceType, document: JsonObject) -> list[str]:
    """The core schema, and each extension the document holds something of."""
    return [resource_type.schema.id, *(name for name in document if ":" in name)]


def value_at(document: JsonObject, path: AttributePath) -> Json | None:
    """The value of the attribute (not of a sub-attribute) in a canonical document."""
    holder = document.get(path.schema, {}) if path.schema else document
    return holder.get(path.attribute.name)


def hold_immutable(attribute: Attribute, value: Json | None, current: Json, *, where: str) -> Json | None:
    """The value with its immutable parts as they are. Raises ScimError 400 mutability when one would change.

    Elements of a multi-valued attribute come and go as a whole; their sub-attributes are not compared.
    """
    if attribute.mutability is Mutability.IMMUTABLE:
        if value not in (None, current):
            raise ScimError(f"{where} can't be changed once it is set.", scim_type=ScimType.MUTABILITY)
        return current
    if attribute.is_complex and not attribute.multi_valued:
        held = dict(value or {})
        for part in attribute.sub_attributes:
            if part.mutability is Mutability.IMMUTABLE and part.name in current:
                name = part.name
                held[name] = hold_immutable(part, held.get(name), current[name], where=f"{where}.{name}")
        return held or None
    return value


def prune_foreign(value: Json, where: str) -> Json:
    """An unknown extension's value without what is unassigned."""
    if isinstance(value, dict):
        pruned = {name: prune_foreign(item, f"{where}:{name}") for name, item in value.items()}
        return {name: item for name, item in pruned.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [item for item in (prune_foreign(item, where) for item in value) if item not in (None, "", [], {})]
    if isinstance(value, str) and len(value.encode()) > bounds.TEXT_BYTES:
        raise invalid_value(f"{where} is longer than {bounds.TEXT_BYTES} bytes.")
    return value
