"""Which attributes an answer shows (RFC 7644 sections 3.4.2.5 and 3.9, `returned` of RFC 7643 section 7).

`attributes` and `excludedAttributes` exclude each other: both at once are 400 invalidValue. Names that mean nothing are
ignored: clients ask service providers of every kind for one list. Tolerances: T62 (dot after the URN), T67 (brackets).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from scim.protocol.attributes import Attribute, Returned
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimType, invalid_value
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath, Namespace, SchemaPath, Spelling
from scim.protocol.schemas.definitions import ResourceType, derived_once

_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_CORE: Final = ""


@dataclass(frozen=True)
class Projection:
    """What a client asked for, None where it didn't say.

    Names are folded: paths as AttributePath.text has them, URNs of extensions, "" for the core schema, and whatever
    else came, which may be the name of an unknown extension.
    """

    attributes: frozenset[str] | None = None
    excluded: frozenset[str] | None = None

    def names(self, path: AttributePath) -> bool:
        """Whether the path, or the schema it belongs to, is on the list."""
        container = fold_name(path.schema) if path.schema else _CORE
        return self.names_alone(path) or (container in self.listed and path.sub_attribute is None)

    def names_alone(self, path: AttributePath) -> bool:
        return fold_name(path.text) in self.listed

    @property
    def listed(self) -> frozenset[str]:
        return self.attributes or self.excluded or frozenset()


DEFAULT_PROJECTION: Final = Projection()


def read_projection(attributes: Json, excluded: Json, *, namespace: Namespace, reading: Reading) -> Projection:
    """Both parameters as they came: text with commas, an array of names, or None. Raises ScimError 400 invalidValue."""
    projection = Projection(
        _read_names(attributes, "attributes", namespace, reading),
        _read_names(excluded, "excludedAttributes", namespace, reading),
    )
    if projection.attributes is not None and projection.excluded is not None:
        raise invalid_value("attributes and excludedAttributes exclude each other.")
    return projection


def _read_names(raw: Json, parameter: str, namespace: Namespace, reading: Reading) -> frozenset[str] | None:
    listed = [raw] if isinstance(raw, str) else raw
    if listed is None or listed in ([], [""]):
        return None
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise invalid_value(f"{parameter} has to list names of attributes.")
    names = (name.strip() for text in listed for name in _BRACKETS.sub("", text).split(","))
    return frozenset(_canonical_name(name, namespace, reading) for name in names if name)


def _canonical_name(name: str, namespace: Namespace, reading: Reading) -> str:
    found = namespace.resolve(name)
    if found is None:
        return fold_name(name)
    if found.spelling is Spelling.LEGACY_DOT:
        reading.warn(WarningCode.LEGACY_DOT, name, scim_type=ScimType.INVALID_VALUE)
    if isinstance(found.target, SchemaPath):
        return fold_name(found.target.schema or _CORE)
    return fold_name(found.target.text)


# True shows a value as it is, names show these parts of it; what has no entry is hidden.
_Shown: TypeAlias = bool | frozenset[str]


class View:
    """A projection applied to one resource type, used for each resource; `make_view` gives it."""

    def __init__(self, resource_type: ResourceType, projection: Projection) -> None:
        self._projection = projection
        self._shown: dict[str | None, dict[str, _Shown]] = {}
        self.is_whole = projection.attributes is None and projection.excluded is None
        for path in resource_type.attributes:
            shown = _shown_of(path, projection)
            self._shown.setdefault(path.schema, {})[path.attribute.name] = shown
            self.is_whole = self.is_whole and (shown is True or path.attribute.is_secret)

    def wants(self, path: AttributePath) -> bool:
        """Whether the attribute is shown, in part at least: else its values need not be read."""
        return bool(self._shown.get(path.schema, {}).get(path.attribute.name, False))

    def project(self, document: JsonObject) -> JsonObject:
        """The document with nothing but what is shown, in its order. Where `is_whole` holds that is all of it."""
        projected: JsonObject = {}
        for name, value in document.items():
            shown = (
                self._show_extension(name, value) if ":" in name else _show(value, self._shown[None].get(name, False))
            )
            if shown is not None:
                projected[name] = shown
        return projected

    def _show_extension(self, urn: str, members: JsonObject) -> JsonObject | None:
        rules = self._shown.get(urn) or self._foreign_rules(urn, members)
        shown = {name: _show(value, rules.get(name, False)) for name, value in members.items()}
        return {name: value for name, value in shown.items() if value is not None} or None

    def _foreign_rules(self, urn: str, members: JsonObject) -> Mapping[str, _Shown]:
        """Unknown extensions are shown by default."""
        listed, folded = self._projection.listed, fold_name(urn)
        named = {name: folded in listed or f"{folded}:{fold_name(name)}" in listed for name in members}
        if self._projection.attributes is not None:
            return named
        return {name: not is_named for name, is_named in named.items()}


def make_view(resource_type: ResourceType, projection: Projection) -> View:
    """The view of a request. Most say nothing of what they want, and share one."""
    return _default_view(resource_type) if projection == DEFAULT_PROJECTION else View(resource_type, projection)


@derived_once
def _default_view(resource_type: ResourceType) -> View:
    return View(resource_type, DEFAULT_PROJECTION)


def _shown_of(path: AttributePath, projection: Projection) -> _Shown:
    attribute = path.attribute
    if attribute.is_secret:
        return False
    is_shown = _is_shown(path, projection)
    if not attribute.is_complex:
        return is_shown
    parts = [part for part in attribute.sub_attributes if _is_part_shown(path, part, projection, within=is_shown)]
    return len(parts) == len(attribute.sub_attributes) or frozenset(part.name for part in parts)


def _is_shown(path: AttributePath, projection: Projection) -> bool:
    returned = path.attribute.returned
    if returned is Returned.ALWAYS:
        return True
    if projection.attributes is not None:
        # What is returned on request alone has to be asked for by its own name.
        return projection.names_alone(path) if returned is Returned.REQUEST else projection.names(path)
    return returned is Returned.DEFAULT and not projection.names(path)


def _is_part_shown(path: AttributePath, part: Attribute, projection: Projection, *, within: bool) -> bool:
    """`within` is whether the attribute is shown. A part that is always returned belongs to the minimum set."""
    if part.is_secret or part.returned is Returned.ALWAYS:
        return not part.is_secret
    is_named = projection.names_alone(AttributePath(path.schema, path.attribute, part))
    if projection.attributes is not None:
        return is_named or (within and part.returned is Returned.DEFAULT)
    return within and part.returned is Returned.DEFAULT and not is_named


def _show(value: Json, shown: _Shown) -> Json | None:
    """What is shown of a value, None when that is nothing."""
    if isinstance(shown, bool):
        return value if shown else None
    if isinstance(value, list):
        return [part for part in (_show(element, shown) for element in value) if part is not None] or None
    return {name: part for name, part in value.items() if name in shown} or None
