"""Where the values of an attribute are: in a column, in the search document, or in rows of another table; and how two
values are compared.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, Protocol

import orjson

from scim.protocol.attributes import Attribute
from scim.protocol.filter.nodes import Operator
from scim.protocol.paths import AttributePath
from scim.protocol.scalars import Scalar, parse_date_time
from scim.protocol.search_document import search_value
from scim.store.filter_sql.parameters import Parameters
from scim.store.index import TEXTS

# On two expressions of one type. With a column on the left `=`, `^@` and the order of COLLATE "C" can use its index,
# row-level security or not: they are leakproof.
OPERATORS: Final[Mapping[Operator, str]] = MappingProxyType(
    {
        Operator.EQ: "{0} = {1}",
        Operator.NE: "{0} <> {1}",
        Operator.CO: "strpos({0}, {1}) > 0",
        Operator.SW: "{0} ^@ {1}",
        Operator.EW: "right({0}, length({1})) = {1}",
        Operator.GT: "{0} > {1}",
        Operator.GE: "{0} >= {1}",
        Operator.LT: "{0} < {1}",
        Operator.LE: "{0} <= {1}",
    },
)


class Form(Enum):
    """What an expression gives, and so how the value to compare it with is passed."""

    TEXT = auto()  # COLLATE "C": in the order of code points, as Python compares
    JSON = auto()  # jsonb: numbers, true and false, and times as numbers
    FLAG = auto()
    MOMENT = auto()


@dataclass(frozen=True)
class Place:
    """`expression` is a value or NULL. With a `source` (of a FROM clause) it is one for each of its rows."""

    expression: str
    form: Form
    source: str | None = None

    def any(self, condition: str) -> str:
        """SQL: the condition holds for a value."""
        return f"EXISTS (SELECT FROM {self.source} WHERE {condition})" if self.source else condition

    def has_value(self) -> str:
        return self.any(f"{self.expression} IS NOT NULL")


class Holder(Protocol):
    """Something with attributes: a resource, or one element of an attribute of its."""

    def place(self, path: AttributePath, params: Parameters) -> Place: ...


@dataclass(frozen=True)
class JsonHolder:
    """The search document, or a part of it: an expression of type jsonb."""

    expression: str

    def place(self, path: AttributePath, params: Parameters) -> Place:
        holder = f"{self.expression} -> {params.hold(path.schema)}" if path.schema else self.expression
        found = _step(JsonHolder(holder), path.attribute, params)
        if path.sub_attribute is None:
            return found
        inner = _step(JsonHolder(found.expression), path.sub_attribute, params)
        sources = [source for source in (found.source, inner.source) if source]
        return Place(inner.expression, inner.form, ", ".join(sources) or None)


@dataclass(frozen=True)
class SimpleHolder:
    """An element that is a simple value: it is its own `value`."""

    element: Place

    def place(self, path: AttributePath, params: Parameters) -> Place:
        return Place(self.element.expression, self.element.form)


@dataclass(frozen=True)
class RowHolder:
    """A row whose columns are named as the sub-attributes are."""

    alias: str

    def place(self, path: AttributePath, params: Parameters) -> Place:
        return Place(f'{self.alias}."{path.leaf.name}"', Form.TEXT)


def hold_wanted(place: Place, attribute: Attribute, wanted: Scalar, params: Parameters) -> str:
    """The placeholder of a value to compare with, of the form of the place."""
    return _WANTED[place.form](attribute, wanted, params)


def _step(holder: JsonHolder, attribute: Attribute, params: Parameters) -> Place:
    key = params.hold(attribute.name)
    if attribute.multi_valued:
        alias = params.new_alias()
        # Lax: a lone value is its own element, and nothing has none.
        source = f"jsonb_path_query({holder.expression} -> {key}, 'lax $[*]') AS {alias}(v)"
        return _element_place(attribute, f"{alias}.v", source)
    if attribute.type in TEXTS:
        return Place(f'({holder.expression} ->> {key}) COLLATE "C"', Form.TEXT)
    return Place(f"({holder.expression} -> {key})", Form.JSON)


def _element_place(attribute: Attribute, element: str, source: str) -> Place:
    is_text = attribute.type in TEXTS
    return Place(as_text(element) if is_text else element, Form.TEXT if is_text else Form.JSON, source)


def as_text(expression: str) -> str:
    """A JSON string as text."""
    return f"({expression} #>> '{{}}') COLLATE \"C\""


def _hold_text(attribute: Attribute, wanted: Scalar, params: Parameters) -> str:
    return params.hold(search_value(attribute, wanted))


def _hold_json(attribute: Attribute, wanted: Scalar, params: Parameters) -> str:
    return params.hold(orjson.dumps(search_value(attribute, wanted)).decode(), "jsonb")


def _hold_flag(_attribute: Attribute, wanted: Scalar, params: Parameters) -> str:
    return params.hold(wanted, "boolean")


def _hold_moment(_attribute: Attribute, wanted: Scalar, params: Parameters) -> str:
    return params.hold(parse_date_time(str(wanted)), "timestamptz")


_WANTED: dict[Form, Callable[[Attribute, Scalar, Parameters], str]] = {
    Form.TEXT: _hold_text,
    Form.JSON: _hold_json,
    Form.FLAG: _hold_flag,
    Form.MOMENT: _hold_moment,
}
