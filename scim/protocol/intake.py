"""The names of an incoming document: which attribute each member means (RFC 7643 sections 2.1 and 3.3).

Here names get their canonical casing, containers of extensions are opened, and what no schema knows is sorted out:
unknown attributes are dropped with a warning, unknown extensions are kept as they are. Values are not looked at.
"""

from dataclasses import dataclass, field

from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import invalid_syntax, invalid_value
from scim.protocol.folding import fold_name, is_same_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath, SchemaPath, Spelling
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.urns import SCHEMA_ALIASES


@dataclass
class Intake:
    """Raw values by the path of their attribute, and the members of unknown extensions by their URN."""

    values: dict[str, Json] = field(default_factory=dict)
    foreign: dict[str, JsonObject] = field(default_factory=dict)
    foreign_spellings: dict[str, str] = field(default_factory=dict)  # folded URN to the one that came
    # Sub-attributes that came as members of their own; merged last, so that the order of members doesn't matter.
    parts: list[tuple[AttributePath, str, Json]] = field(default_factory=list)


def take_in(resource_type: ResourceType, body: JsonObject, *, reading: Reading) -> Intake:
    """Sort the members of a body. Raises ScimError 400 invalidSyntax when one is named twice."""
    intake = Intake()
    for name, value in body.items():
        _take_member(resource_type, intake, name, value, reading)
    for path, name, value in intake.parts:
        _merge_part(intake, path, name, value, reading)
    return intake


def canonical_urn(resource_type: ResourceType, text: str) -> str | None:
    """Our URN for a schema of the type, also for one of the known mistaken spellings (tolerance T14)."""
    folded = fold_name(text)
    aimed_at = SCHEMA_ALIASES.get(folded)
    if aimed_at == "":
        return resource_type.schema.id
    return resource_type.schema_ids.get(fold_name(aimed_at) if aimed_at else folded)


def _take_member(resource_type: ResourceType, intake: Intake, name: str, value: Json, reading: Reading) -> None:
    found = resource_type.namespace.resolve(name)
    if found is None:
        _take_unresolved(resource_type, intake, name, value, reading)
    elif isinstance(found.target, SchemaPath):
        _open_container(resource_type, intake, found.target.schema or resource_type.schema.id, value, reading)
    elif found.spelling is Spelling.BARE_EXTENSION:
        # A filter may leave the URN out; a body may not, or a core attribute of that name could never be added.
        reading.warn(WarningCode.UNKNOWN_ATTR, name)
    else:
        if found.spelling is Spelling.LEGACY_DOT:
            reading.warn(WarningCode.LEGACY_DOT, name)
        _put(intake, found.target, name, value)


def _take_unresolved(resource_type: ResourceType, intake: Intake, name: str, value: Json, reading: Reading) -> None:
    urn = canonical_urn(resource_type, name) if ":" in name else None
    if urn:
        reading.warn(WarningCode.SCHEMA_URI, name)
        _open_container(resource_type, intake, urn, value, reading)
    elif not is_urn(name):
        reading.warn(WarningCode.UNKNOWN_ATTR, name)
    elif value is None or isinstance(value, dict):
        _keep_foreign(intake, name, value or {})
    else:
        _take_foreign_attribute(resource_type, intake, name, value, reading)


def _take_foreign_attribute(
    resource_type: ResourceType, intake: Intake, name: str, value: Json, reading: Reading
) -> None:
    """The form "urn:...:User:badge" (tolerance T09) for an extension nobody has defined here."""
    urn, _, attribute = name.rpartition(":")
    if canonical_urn(resource_type, urn) or not is_urn(urn) or not attribute:
        reading.warn(WarningCode.UNKNOWN_ATTR, name)
    else:
        _keep_foreign(intake, urn, {attribute: value})


def _open_container(resource_type: ResourceType, intake: Intake, urn: str, members: Json, reading: Reading) -> None:
    if members is not None and not isinstance(members, dict):
        raise invalid_value(f"{urn} has to be an object.")
    for name, value in (members or {}).items():
        found = resource_type.namespace.resolve(f"{urn}:{name}")
        if found is None or not isinstance(found.target, AttributePath):
            reading.warn(WarningCode.UNKNOWN_ATTR, f"{urn}:{name}")
        else:
            _put(intake, found.target, f"{urn}:{name}", value)


def _put(intake: Intake, path: AttributePath, name: str, value: Json) -> None:
    if path.sub_attribute:
        intake.parts.append((path, name, value))
    elif path.text in intake.values:
        raise invalid_syntax(f"{path} is named twice.")
    else:
        intake.values[path.text] = value


def _merge_part(intake: Intake, path: AttributePath, name: str, value: Json, reading: Reading) -> None:
    """Tolerance T08: "name.givenName" beside or instead of {"name": {"givenName": ...}}."""
    if path.attribute.multi_valued:
        reading.warn(WarningCode.UNKNOWN_ATTR, name)
        return
    reading.warn(WarningCode.DOTTED_KEY, name)
    siblings = intake.values.get(path.whole) or {}
    if not isinstance(siblings, dict) or any(is_same_name(path.leaf.name, taken) for taken in siblings):
        raise invalid_syntax(f"{path} is named twice.")
    intake.values[path.whole] = {**siblings, path.leaf.name: value}


def _keep_foreign(intake: Intake, urn: str, members: JsonObject) -> None:
    kept = intake.foreign.setdefault(urn, {})
    spelling = intake.foreign_spellings.setdefault(fold_name(urn), urn)
    if spelling != urn or not kept.keys().isdisjoint(members):
        raise invalid_syntax(f"{urn} is named twice.")
    kept.update(members)


def is_urn(name: str) -> bool:
    return fold_name(name).startswith("urn:") and name.count(":") > 1
