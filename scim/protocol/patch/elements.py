"""The values of one attribute while a PATCH changes some of them (RFC 7644 section 3.5.2, RFC 7643 section 2.4).

Each value is an object here: a simple value is its own `value`, and a single-valued attribute has one value or none.
Objects are replaced, never changed in place: the stored document shares them.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import orjson

from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.filter.evaluate import as_element, matches
from scim.protocol.filter.nodes import Node
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.patch.parts import covers, merge_parts
from scim.protocol.scalars import comparison_key
from scim.protocol.values import read_element, read_elements

_VALUE: Final = "value"
_TYPE: Final = "type"
_PRIMARY: Final = "primary"


class Elements:
    """The values of `attribute`, called `where` in errors. `current` is what the document holds."""

    def __init__(self, attribute: Attribute, current: Json | None, *, where: str, reading: Reading) -> None:
        self.attribute = attribute
        self.where = where
        self.reading = reading
        listed: list[Any] = current if isinstance(current, list) else [current]
        self.found: list[JsonObject] = [] if current is None else [as_element(value) for value in listed]

    @cached_property
    def shape(self) -> Attribute:
        """The attribute with objects for values."""
        if self.attribute.is_complex:
            return self.attribute
        value = replace(self.attribute, name=_VALUE, multi_valued=False, required=False)
        return replace(self.attribute, type=AttributeType.COMPLEX, sub_attributes=(value,))

    def as_json(self) -> Json | None:
        """The values as the document holds them, None when there is none."""
        values: list[Any] = self.found if self.attribute.is_complex else [element[_VALUE] for element in self.found]
        if self.attribute.multi_valued:
            return values or None
        return values[0] if values else None

    def select(self, condition: Node | None) -> list[int]:
        """The places of the values that meet the condition: of all without one."""
        return [at for at, element in enumerate(self.found) if condition is None or matches(condition, element)]

    def remove(self, places: Iterable[int]) -> None:
        gone = set(places)
        self.found = [element for at, element in enumerate(self.found) if at not in gone]

    def remove_listed(self, listed: Iterable[Json]) -> None:
        """Remove by value, and by type where the list has one; what has no value has to be equal as a whole."""
        wanted = {self._keys(element)[_TYPE in element] for element in map(as_element, listed)}
        self.found = [element for element in self.found if wanted.isdisjoint(self._keys(element))]

    def merge(self, places: Iterable[int], raw: JsonObject, *, extend: bool) -> None:
        """Give the values at these places the parts of `raw`; null unassigns a part, and those not named stay."""
        chosen = list(places)
        for at in chosen:
            self.found[at] = self._merged(self.found[at], raw, extend=extend)
        fresh = [self.found[at] for at in chosen if _is_primary(self.found[at])]
        self.found = [element for element in self.found if element]
        self._keep_one_primary(fresh)

    def create(self, template: JsonObject, raw: JsonObject) -> JsonObject:
        """A new value of these parts; it is empty and not kept when it says nothing (tolerance T46)."""
        element = self._merged(template, raw, extend=False)
        if element:
            self.found.append(element)
            self._keep_one_primary([element] if _is_primary(element) else [])
        return element

    def add(self, values: Sequence[Json]) -> None:
        """Add canonical values but for those that are there; one of the same value and type takes the parts over."""
        places: dict[Hashable, int] = {}
        for at, element in enumerate(self.found):
            for key in self._keys(element):
                places.setdefault(key, at)
        added = [self._add_one(element, places) for element in map(as_element, values)]
        self._keep_one_primary([element for element in added if element and _is_primary(element)])

    def _add_one(self, element: JsonObject, places: dict[Hashable, int]) -> JsonObject | None:
        """The value as it is kept, None when it was there (tolerance T44). `places` are those of the first by key."""
        loose, exact = self._keys(element)
        known = places.get(exact if _TYPE in element else loose)
        if known is not None and covers(self.shape, self.found[known], element):
            return None
        at = places.get(exact)
        if at is not None:
            self.found[at] = self._merged(self.found[at], element, extend=True)
            return self.found[at]
        for key in (loose, exact):
            places.setdefault(key, len(self.found))
        self.found.append(element)
        return element

    def _merged(self, before: JsonObject, raw: JsonObject, *, extend: bool) -> JsonObject:
        """The merged value once it is checked; empty when it says nothing any more."""
        merged = merge_parts(self.shape, before, raw, where=self.where, reading=self.reading, extend=extend)
        if not self.attribute.multi_valued:
            return read_element(self.shape, merged, where=self.where, reading=self.reading) or {}
        checked: list[JsonObject] = read_elements(self.shape, [merged], where=self.where, reading=self.reading) or [{}]
        return checked[0]

    def _keep_one_primary(self, fresh: list[JsonObject]) -> None:
        """Tolerance T49: the newest wins, and of several that became primary at once the first."""
        if len(fresh) > 1:
            self.reading.warn(WarningCode.TWO_PRIMARIES, self.where)
        for at, element in enumerate(self.found if fresh else ()):
            if _is_primary(element) and element is not fresh[0]:
                self.found[at] = {**element, _PRIMARY: False}

    def _keys(self, element: JsonObject) -> tuple[Hashable, Hashable]:
        """What a value is known by: loosely by `value` alone, exactly with its type."""
        value, kind = self.shape.sub_attribute(_VALUE), self.shape.sub_attribute(_TYPE)
        if value is None or _VALUE not in element:
            whole = orjson.dumps(element, option=orjson.OPT_SORT_KEYS)
            return whole, whole
        loose = comparison_key(value, element[_VALUE])
        return (loose,), (loose, kind and comparison_key(kind, element.get(_TYPE)))


def _is_primary(element: JsonObject) -> bool:
    return element.get(_PRIMARY) is True
