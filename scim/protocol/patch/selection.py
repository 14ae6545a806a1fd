"""Operations on parts of a value and on chosen values: `name`, `name.givenName`, `emails[type eq "work"].value`.

Tolerance T11: a value path that matches nothing creates the value it describes; the RFC has noTarget for `replace`.
"""

from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError, ScimType, invalid_syntax
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.nodes import And, Comparison, Node, Operator
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.patch.draft import Draft
from scim.protocol.patch.elements import Elements
from scim.protocol.patch.incoming import read_parts_of
from scim.protocol.patch.request import Op
from scim.protocol.patch.targets import Target


def change_selection(draft: Draft, target: Target, op: Op, raw: Json) -> None:
    """Apply an operation to the values that the target chooses, or to a part of each."""
    elements = draft.open_elements(target.path, target.condition)
    places = elements.select(target.condition)
    if op is Op.REMOVE:
        _remove(elements, target, places, raw)
    else:
        parts = read_parts_of(target, raw, reading=draft.reading)
        if parts is None:
            elements.remove(places)
        elif places:
            elements.merge(places, parts, extend=op is Op.ADD)
        else:
            _create(elements, target, op, parts)
    draft.put(target.path, elements.as_json(), op=op)


def describe_element(condition: Node | None) -> JsonObject:
    """The parts of a value that a condition fixes by `eq`."""
    terms = condition.operands if isinstance(condition, And) else (condition,)
    equalities = (term for term in terms if isinstance(term, Comparison) and term.operator is Operator.EQ)
    return {term.path.leaf.name: term.value for term in equalities if term.value is not None}


def no_target(target: Target) -> ScimError:
    return ScimError(f"No value of {target.path.whole} matches the path.", scim_type=ScimType.NO_TARGET)


def _remove(elements: Elements, target: Target, places: list[int], raw: Json) -> None:
    """What isn't there is removed already: no error (T11)."""
    part = target.path.sub_attribute
    if part is None:
        elements.remove(places)
        return
    if part.multi_valued and raw is not None:
        raise invalid_syntax(f"{target.path} can be removed as a whole alone.")
    if part.required and places:
        raise ScimError(f"{target.path} can't be removed.", scim_type=ScimType.MUTABILITY)
    elements.merge(places, {part.name: None}, extend=False)


def _create(elements: Elements, target: Target, op: Op, parts: JsonObject) -> None:
    if target.condition is None:
        elements.create({}, parts)
        return
    if op is Op.REPLACE:
        elements.reading.warn(WarningCode.CREATED_ON_REPLACE, target.path.text)
    if elements.found and not elements.attribute.multi_valued:
        raise no_target(target)
    created = elements.create(describe_element(target.condition), parts)
    # A value that isn't found by its own path would be created again by each repetition.
    if created and not matches(target.condition, created):
        raise no_target(target)
