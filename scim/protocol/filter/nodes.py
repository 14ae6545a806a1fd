"""A filter as a tree (RFC 7644 section 3.4.2.2), bound to the attributes it names.

`str` of a node is a filter that parses to an equal node. Within a ValuePath the paths are relative to one element: they
have no schema, and their attribute is a sub-attribute of the path's.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import orjson

from scim.protocol.paths import AttributePath
from scim.protocol.scalars import Scalar


class Operator(StrEnum):
    EQ = "eq"
    NE = "ne"
    CO = "co"
    SW = "sw"
    EW = "ew"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator value`. The value has the type of the attribute; None is null, with eq and ne alone."""

    path: AttributePath
    operator: Operator
    value: Scalar | None

    def __str__(self) -> str:
        return f"{self.path} {self.operator.value} {orjson.dumps(self.value).decode()}"


@dataclass(frozen=True, slots=True)
class Present:
    """`path pr`."""

    path: AttributePath

    def __str__(self) -> str:
        return f"{self.path} pr"


@dataclass(frozen=True, slots=True)
class ValuePath:
    """`path[condition]`: one element of the attribute meets the whole condition."""

    path: AttributePath
    condition: "Node"

    def __str__(self) -> str:
        return f"{self.path}[{self.condition}]"


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"

    def __str__(self) -> str:
        return f"not ({self.operand})"


@dataclass(frozen=True, slots=True)
class And:
    """Two operands or more, all of which have to match."""

    operands: tuple["Node", ...]

    def __str__(self) -> str:
        return " and ".join(_grouped(operand, And, Or) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Or:
    """Two operands or more, one of which has to match."""

    operands: tuple["Node", ...]

    def __str__(self) -> str:
        return " or ".join(_grouped(operand, Or) for operand in self.operands)


Node: TypeAlias = Comparison | Present | ValuePath | Not | And | Or


def _grouped(node: Node, *looser: type[Node]) -> str:
    return f"({node})" if isinstance(node, looser) else str(node)
