"""What a part of an expression becomes: a closure, and what is known about its value beforehand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from scim.mapping.run import Run
from scim.mapping.shapes import Shape
from scim.mapping.values import Value

Runner: TypeAlias = Callable[[Run], Value]


@dataclass(frozen=True)
class Code:
    """`cost` is how many nodes run when it runs once; `constant` is the value of a literal, None for all else.

    The closure raises ExpressionError with its place, and nothing else. Closures share no state: one Code serves all
    resources, in any thread.
    """

    run: Runner
    shape: Shape
    cost: int
    constant: str | int | float | bool | None = None
