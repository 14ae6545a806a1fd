"""One run of an expression: the resource, what it may ask about its surroundings, and the fuel that is left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scim.mapping import limits
from scim.mapping.errors import LimitError


def _find_none(_resource_id: str) -> str | None:
    return None


@dataclass(frozen=True)
class Surroundings:
    """What the caller knows besides the resource.

    `tables` are the tenant's tables by name; `groups` the names of the groups the resource is in; `find_reference`
    gives the id that a resource of ours has at the target, None as long as it has none.
    """

    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    find_reference: Callable[[str], str | None] = _find_none


NOWHERE = Surroundings()


class Run:
    """`values` are those of the variables in sight, by name."""

    __slots__ = ("_fuel", "surroundings", "values")

    def __init__(self, values: dict[str, Any], surroundings: Surroundings, *, fuel: int = limits.FUEL) -> None:
        self.values = values
        self.surroundings = surroundings
        self._fuel = fuel

    def spend(self, fuel: int) -> None:
        self._fuel -= fuel
        if self._fuel < 0:
            raise LimitError("the expression takes too many steps")

    def spend_on(self, *values: Any) -> None:
        """For a function that goes through its arguments."""
        size = 0
        for value in values:
            if isinstance(value, str):
                size += len(value) // limits.CHARACTERS_PER_FUEL
            elif isinstance(value, list):
                size += len(value)
        self.spend(1 + size)
