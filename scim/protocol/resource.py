"""An incoming resource made canonical (RFC 7643 sections 2 and 3, RFC 7644 sections 3.3 and 3.5.1).

Two bodies that mean the same give the same document, whatever their casing, order and tolerated form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.forms import FORMS
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.documents import complete_document, hold_immutable, prune_foreign, value_at
from scim.protocol.errors import invalid_syntax
from scim.protocol.folding import fold_name
from scim.protocol.intake import Intake, canonical_urn, take_in
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.values import read_value


class Mode(Enum):
    CREATE = auto()  # POST
    REPLACE = auto()  # PUT


@dataclass(frozen=True)
class CanonicalResource:
    """What a body amounts to.

    `document` is stored; `rows` are the values kept apart from it (a group's members), by path; `secrets` are
    write-only values by path, never to be stored as they are, logged or returned; `mentioned` are the paths of the
    attributes the client named, even to unassign them.
    """

    document: JsonObject
    rows: Mapping[str, list[JsonObject]]
    mentioned: frozenset[str]
    secrets: Mapping[str, Json] = field(repr=False)


def canonicalize(
    resource_type: ResourceType,
    body: JsonObject,
    *,
    mode: Mode,
    reading: Reading,
    resource_id: str | None = None,
    current: JsonObject | None = None,
) -> CanonicalResource:
    """Check a body and bring it into canonical form; warnings go to `reading`.

    For a replacement, `resource_id` is the id addressed and `current` the stored document: what the client may not
    change is compared with it, and what it may leave out (`active`) is taken from it. Raises ScimError 400
    invalidValue, invalidSyntax or mutability, with the attribute's path in the detail.
    """
    intake = take_in(resource_type, body, reading=reading)
    _check_schemas(resource_type, intake, reading)
    _check_read_only(resource_type, intake, resource_id if mode is Mode.REPLACE else None, reading)
    draft = _Draft(current or {})
    for path in resource_type.writable:
        draft.put(path, _read_attribute(path, intake, reading))
    for urn, members in intake.foreign.items():
        draft.put_foreign(urn, members)
    document = complete_document(resource_type, draft.document)
    return CanonicalResource(document, draft.rows, frozenset(intake.values), draft.secrets)


@dataclass
class _Draft:
    """The parts of a CanonicalResource while they are put together."""

    current: JsonObject
    document: JsonObject = field(default_factory=dict)
    rows: dict[str, list[JsonObject]] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)

    def put(self, path: AttributePath, value: Json | None) -> None:
        if path.attribute.as_rows:
            self.rows[path.text] = _once_each(value or [])
            return
        value = _settle(path, value, self.current)
        if value is None:
            return
        if path.attribute.is_secret:
            self.secrets[path.text] = value
        elif path.schema:
            self.document.setdefault(path.schema, {})[path.attribute.name] = value
        else:
            self.document[path.attribute.name] = value

    def put_foreign(self, urn: str, members: JsonObject) -> None:
        assigned = prune_foreign(members, urn)
        if assigned:
            self.document[urn] = assigned


def _read_attribute(path: AttributePath, intake: Intake, reading: Reading) -> Json | None:
    raw = intake.values.get(path.text)
    if raw is None:
        return None
    form = FORMS.get(path.text)
    if form:
        raw = form(raw, reading, path.text)
    return read_value(path.attribute, raw, where=path.text, reading=reading)


def _settle(path: AttributePath, value: Json | None, replaced: JsonObject) -> Json | None:
    """The value to keep, given the document that is replaced (empty for a new one): defaults and immutability."""
    current = value_at(replaced, path)
    if value is None and path.attribute.default is not None:
        return current if replaced else path.attribute.default
    if current is not None:
        return hold_immutable(path.attribute, value, current, where=path.text)
    return value


def _check_schemas(resource_type: ResourceType, intake: Intake, reading: Reading) -> None:
    """Tolerances T13, T14, T15: what the body says of its schemas earns warnings and decides nothing."""
    declared = intake.values.get(SCHEMAS_ATTRIBUTE)
    if not declared:
        reading.warn(WarningCode.NO_SCHEMAS, SCHEMAS_ATTRIBUTE)
        return
    if not isinstance(declared, list) or not all(isinstance(urn, str) for urn in declared):
        raise invalid_syntax("schemas has to be an array of URNs.")
    for urn in declared:
        folded = fold_name(urn)
        if folded not in resource_type.schema_ids and folded not in intake.foreign_spellings:
            reading.warn(WarningCode.SCHEMA_URI, urn)
    if not any(canonical_urn(resource_type, urn) == resource_type.schema.id for urn in declared):
        reading.warn(WarningCode.SCHEMA_URI, SCHEMAS_ATTRIBUTE)


def _check_read_only(resource_type: ResourceType, intake: Intake, resource_id: str | None, reading: Reading) -> None:
    """Read-only attributes are ignored; two of them are worth a warning (tolerances T18, T39)."""
    found = resource_type.namespace.resolve("groups")
    is_computed = found and isinstance(found.target, AttributePath) and found.target.attribute.is_read_only
    if intake.values.get("groups") and is_computed:
        reading.warn(WarningCode.GROUPS_IGNORED, "groups")
    claimed = intake.values.get("id")
    if resource_id is not None and claimed and claimed != resource_id:
        reading.warn(WarningCode.ID_MISMATCH, "id")


def _once_each(elements: list[Any]) -> list[JsonObject]:
    """A value is a member once, however often it is named (tolerance T37)."""
    first: dict[str, JsonObject] = {}
    for element in elements:
        first.setdefault(element["value"], element)
    return list(first.values())
