"""Places in a document that rows name: an attribute, a part of one, or the value of a list that brackets describe.

What is read is found once, when the mapping is compiled; then a place is a few keys and a walk along them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final

from scim.mapping.errors import suggest
from scim.mapping.values import Kind
from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.nodes import And, Comparison, Node, Operator
from scim.protocol.folding import fold_name
from scim.protocol.patch.selection import describe_element
from scim.protocol.patch.targets import Container, Foreign, Target, resolve_target
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType

KINDS: Final[Mapping[AttributeType, frozenset[Kind]]] = {
    AttributeType.BOOLEAN: frozenset({Kind.TRUTH}),
    AttributeType.INTEGER: frozenset({Kind.WHOLE}),
    AttributeType.DECIMAL: frozenset({Kind.WHOLE, Kind.FRACTION}),
    AttributeType.COMPLEX: frozenset({Kind.OBJECT}),
}
# A value of a list that holds nothing else says nothing.
LABELS: Final = frozenset({"type", "primary"})
_TEXTUAL: Final = frozenset({Kind.TEXT})
_NEVER: Final[Mapping[str, Any]] = {"": ""}
_LEAST_LIKENESS: Final = 0.85  # of a URN to one that was probably meant


class PlaceError(ValueError):
    """A path that leads to nothing that can be read or written; `hint` says what was probably meant."""

    def __init__(self, told: str, hint: str = "") -> None:
        super().__init__(told)
        self.told, self.hint = told, hint


@dataclass(frozen=True)
class Place:
    """`keys` lead to the attribute, or to a part of a single one. For a value of a list, `condition` chooses it,
    `element` is what the brackets say of it, and `part` what is read or written in it, None for all of it.

    `attribute` is what the schema says of the value there, None under a URN that the schema does not know.
    """

    text: str
    keys: tuple[str, ...]
    kinds: frozenset[Kind]
    attribute: Attribute | None = None
    condition: Node | None = field(default=None, repr=False)
    element: Mapping[str, Any] | None = None
    part: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return self.kinds == {Kind.LIST}

    def read(self, document: Mapping[str, Any]) -> Any:
        """What stands there, None when nothing does."""
        value: Any = document
        for key in self.keys:
            if type(value) is not dict:
                return None
            value = value.get(key)
        if self.element is None:
            return value
        found = self._find(value)
        return found if self.part is None or found is None else found.get(self.part)

    def write(self, document: dict[str, Any], value: Any) -> None:
        """Put the value there, or take away what is there by None. What the document shares with others is kept."""
        if self.element is None and len(self.keys) == 1:  # most often so
            if value is None or value == []:
                document.pop(self.keys[0], None)
            else:
                document[self.keys[0]] = value
            return
        holders = [document]
        for key in self.keys[:-1]:
            held = holders[-1].get(key)
            fresh = dict(held) if isinstance(held, dict) else {}
            holders[-1][key] = fresh
            holders.append(fresh)
        last = self.keys[-1]
        if self.element is not None:
            value = self._with_element(holders[-1].get(last), value)
        if value is None or value == []:
            holders[-1].pop(last, None)
        else:
            holders[-1][last] = value
        for key, holder, inner in reversed(list(zip(self.keys, holders, holders[1:], strict=False))):
            if not inner:
                del holder[key]

    def _find(self, elements: Any) -> dict[str, Any] | None:
        """The first value that is meant."""
        for element in elements if type(elements) is list else ():
            if type(element) is dict and self._is_meant(element):
                return element
        return None

    def _is_meant(self, element: dict[str, Any]) -> bool:
        """By what the brackets say where that is all to the letter, which is most often so; else by the condition."""
        if all(element.get(name) == wanted for name, wanted in (self.element or _NEVER).items()):
            return True
        return self.condition is not None and matches(self.condition, element)

    def _with_element(self, held: Any, value: Any) -> list[Any]:
        """The list with the value in it, or without the one that is meant when nothing is left to say of it."""
        elements: list[Any] = list(held) if isinstance(held, list) else []
        found = self._find(elements)
        at = next((index for index, element in enumerate(elements) if element is found), len(elements))
        parts = {**(found or {}), self.part: value} if self.part is not None else (value or {})
        kept = {name: part for name, part in parts.items() if part is not None}
        says_nothing = value is None and kept.keys() <= {*(self.element or {}), *LABELS}
        elements[at : at + 1] = [] if says_nothing else [{**kept, **(self.element or {})}]
        return elements


def find_place(text: str, resource_type: ResourceType, *, is_target: bool) -> Place:
    """Raises PlaceError. A target has to be something that clients may write."""
    try:
        found = resolve_target(text, resource_type=resource_type, reading=Reading())
    except ScimError as error:
        raise PlaceError(error.detail) from error
    if isinstance(found, Foreign):
        return _find_foreign(text, resource_type)
    if found is None:
        raise _unknown(text, resource_type)
    if isinstance(found, Container):
        raise PlaceError("this is a schema, and an attribute is wanted", "put a colon and the attribute's name behind")
    _check_use(found, is_target=is_target)
    return _make_place(found, is_target=is_target)


def _unknown(text: str, resource_type: ResourceType) -> PlaceError:
    """The hint names an attribute of the same schema, a part of the same attribute, or anything that is near."""
    whole, bracket, rest = text.partition("[")
    if bracket and resource_type.namespace.resolve(whole) is not None:
        part = rest.rpartition("].")[2]
        known = [
            path.sub_attribute.name
            for path in resource_type.paths
            if path.sub_attribute and fold_name(whole) in (fold_name(path.whole), fold_name(path.attribute.name))
        ]
        return PlaceError(f"{whole} has no part '{part[:60]}'", suggest(part, known))
    urn, _, local = whole.rpartition(":")
    paths = [path for path in resource_type.paths if not urn or fold_name(path.schema or "") == fold_name(urn)]
    hint = suggest(local, [path.local_name for path in paths or resource_type.paths])
    return PlaceError(f"{resource_type.name} has no attribute '{whole[-100:]}'", hint)


def _check_use(found: Target, *, is_target: bool) -> None:
    path = found.path
    if path.attribute.as_rows:
        raise PlaceError(f"{path.whole} is carried on member by member, so no row names it")
    if path.attribute.is_secret or path.leaf.is_secret:
        raise PlaceError(f"{path.text} is never kept, so no mapping can read or write it")
    if is_target and path.text == SCHEMAS_ATTRIBUTE:
        raise PlaceError("schemas follows from the other attributes, so no row writes it")
    if is_target and (path.attribute.is_read_only or path.leaf.is_read_only):
        raise PlaceError(f"{path.text} is read-only, so no row can write it")


def _make_place(found: Target, *, is_target: bool) -> Place:
    path = found.path
    attribute, part = path.attribute, path.sub_attribute
    keys = tuple(key for key in (path.schema, attribute.name) if key)
    if found.condition is not None:
        return _describe(found, keys, is_target=is_target)
    if part is not None and attribute.multi_valued:
        example = f'{path.whole}[type eq "work"].{part.name}'
        raise PlaceError(f"{path.whole} is a list", f"say which of its values is meant, as in {example}")
    if part is not None:
        return Place(path.text, (*keys, part.name), kinds_of(part), part)
    return Place(path.text, keys, kinds_of(attribute), attribute)


def _describe(found: Target, keys: tuple[str, ...], *, is_target: bool) -> Place:
    path = found.path
    if not path.attribute.multi_valued or not path.attribute.is_complex:
        raise PlaceError(f"{path.whole} is no list of objects, so brackets choose nothing in it")
    element = describe_element(found.condition) if _says_all(found.condition) else {}
    if is_target and not element:
        raise PlaceError("the brackets do not say what a new value is", 'say it by eq, as in [type eq "work"]')
    part = path.sub_attribute
    attribute = part or replace(path.attribute, multi_valued=False, required=False)
    return Place(
        str(found), keys, kinds_of(attribute), attribute, found.condition, element, part.name if part else None
    )


def _says_all(condition: Node | None) -> bool:
    """Whether the brackets name parts by eq and nothing else."""
    terms = condition.operands if isinstance(condition, And) else (condition,)
    return all(isinstance(term, Comparison) and term.operator is Operator.EQ for term in terms)


def _find_foreign(text: str, resource_type: ResourceType) -> Place:
    """An attribute of an extension that the target alone knows: it is taken as it is."""
    urn, _, name = text.rpartition(":")
    known = [schema.id for schema in resource_type.all_schemas]
    near = get_close_matches(urn, known, n=1, cutoff=_LEAST_LIKENESS)
    if near:
        is_spelled = fold_name(near[0]) == fold_name(urn)
        told = f"the schema has no attribute '{name[:100]}'" if is_spelled else "no schema has this URN"
        raise PlaceError(told, f"did you mean '{near[0]}'?" if not is_spelled else "")
    if not all(name.split(".")):
        raise PlaceError(f"'{text[:100]}' is not a path")
    return Place(text, (urn, *name.split(".")), frozenset(Kind))


def kinds_of(attribute: Attribute) -> frozenset[Kind]:
    """What a value of the attribute may be."""
    return frozenset({Kind.LIST}) if attribute.multi_valued else KINDS.get(attribute.type, _TEXTUAL)
