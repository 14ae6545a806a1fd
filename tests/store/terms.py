"""Terms of filters that a directory has something for: every attribute, every operator, with values that are there."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from scim.protocol.attributes import TEXTUAL, AttributeType
from scim.protocol.filter.binding import OPERATORS
from scim.protocol.filter.evaluate import as_element, values_at
from scim.protocol.filter.nodes import And, Comparison, Node, Not, Operator, Or, Present, ValuePath
from scim.protocol.paths import AttributePath, relative_names
from scim.protocol.schemas.definitions import ResourceType
from tests.store.directories import VOCABULARY

NULLABLE: Final = (Operator.EQ, Operator.NE)


def draw_terms(draw: Random, resource_type: ResourceType, shown: list[dict[str, Any]], *, each: int) -> list[Node]:
    """For each attribute and operator, `each` comparisons; for each attribute with elements, conditions on them."""
    paths = [path for path in resource_type.paths if not path.leaf.is_secret]
    terms = [term for path in paths for term in _terms_on(draw, path, path, shown, each)]
    holders = [p for p in paths if p.sub_attribute is None and (p.attribute.is_complex or p.attribute.multi_valued)]
    return terms + [condition for path in holders for condition in _value_paths(draw, path, shown, each * 6)]


def _value_paths(draw: Random, path: AttributePath, shown: list[dict[str, Any]], number: int) -> Iterator[Node]:
    elements = [as_element(element) for document in shown for element in values_at(path, document)]
    parts = [AttributePath(None, part) for part in relative_names(path.attribute).values()]
    for _ in range(number):
        # Of one element, so that both terms may hold at once; or of two, so that only a mix-up would let them.
        seen = draw.sample(elements, min(len(elements), draw.choice([1, 2])))
        first, second = (_draw_term(draw, draw.choice(parts), seen[-which:]) for which in (1, 2))
        yield ValuePath(path, draw.choice([first, And((first, second)), Or((first, second)), Not(first)]))


def _draw_term(draw: Random, part: AttributePath, elements: list[dict[str, Any]]) -> Node:
    return draw.choice(list(_terms_on(draw, part, part, elements, 1)))


def _terms_on(
    draw: Random, path: AttributePath, found: AttributePath, shown: list[dict[str, Any]], each: int
) -> Iterator[Node]:
    yield Present(path)
    if path.leaf.is_complex:
        return
    yield from (Comparison(path, operator, None) for operator in NULLABLE)
    known = [value for document in shown for value in values_at(found, document)]
    for operator in sorted(OPERATORS[path.leaf.type]):
        for _ in range(each):
            yield Comparison(path, operator, _draw_value(draw, path, known))


def _draw_value(draw: Random, path: AttributePath, known: list[Any]) -> Any:
    value = draw.choice(known or VOCABULARY[path.leaf.type])
    if path.leaf.type is AttributeType.DATE_TIME or path.leaf.type not in TEXTUAL or draw.random() < 0.5:
        return value
    start, end = sorted((draw.randint(0, len(value)), draw.randint(0, len(value))))
    return draw.choice([value[start:], value[:end], value[start:end], value.upper(), value.lower()])
