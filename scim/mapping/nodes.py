"""An expression as a tree. `at` is the place of its word in the source."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    at: int
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`."""

    at: int
    target: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`."""

    at: int
    target: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; a receiver is the first of the arguments, and `has_receiver` tells."""

    at: int
    name: str
    arguments: tuple["Node", ...]
    has_receiver: bool


@dataclass(frozen=True, slots=True)
class Macro:
    """`target.filter(variable, body)`, and map, exists, all."""

    at: int
    name: str
    target: "Node"
    variable: str
    body: "Node"


@dataclass(frozen=True, slots=True)
class Unary:
    at: int
    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    at: int
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? yes : no`."""

    at: int
    condition: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class ListOf:
    at: int
    elements: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    at: int
    members: tuple[tuple[str, "Node"], ...]


Node: TypeAlias = Literal | Name | Member | Index | Call | Macro | Unary | Binary | Conditional | ListOf | MapOf
