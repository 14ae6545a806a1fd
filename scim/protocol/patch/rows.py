"""Changes of an attribute that is kept as rows (a group's members): each is done without reading all rows.

They apply in their order. Neighbors that say one thing together become one change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from scim.protocol.filter.nodes import Comparison, Node, Operator, Or
from scim.protocol.json_input import JsonObject


@dataclass(frozen=True)
class AddRows:
    """Elements to add by their `value`, each once; those that are there already stay as they are."""

    elements: tuple[JsonObject, ...]


@dataclass(frozen=True)
class RemoveRows:
    """Values to remove, each once; those that aren't there are no error."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class RemoveMatchingRows:
    """Remove the rows that meet a condition. Its paths are relative to one element, as in a ValuePath."""

    condition: Node


@dataclass(frozen=True)
class ReplaceRows:
    """These elements are all there are afterwards; none of them empties the attribute."""

    elements: tuple[JsonObject, ...] = ()


RowChange: TypeAlias = AddRows | RemoveRows | RemoveMatchingRows | ReplaceRows


class RowChanges:
    """The changes of one attribute while they are put together, the elements of each by their value."""

    def __init__(self) -> None:
        self._added: dict[str, JsonObject] | None = None  # what the last change adds, if it adds
        self._removed: dict[str, None] | None = None  # what the last change removes, if it removes
        self._replaces = False  # whether the last change replaces all by what it adds
        self._done: list[RowChange] = []

    def add(self, elements: Iterable[JsonObject]) -> None:
        if self._added is None:
            self._close()
            self._added = {}
        for element in elements:
            self._added.setdefault(element["value"], element)

    def remove(self, values: Iterable[str]) -> None:
        if self._added is not None and self._replaces:
            for value in values:
                self._added.pop(value, None)
            return
        if self._removed is None:
            self._close()
            self._removed = {}
        self._removed.update(dict.fromkeys(values))

    def remove_matching(self, condition: Node) -> None:
        """Remove what meets the condition: certain values where it names them."""
        alternatives = condition.operands if isinstance(condition, Or) else (condition,)
        values = [_named_value(node) for node in alternatives]
        if None not in values:
            self.remove(value for value in values if value is not None)
            return
        self._close()
        self._done.append(RemoveMatchingRows(condition))

    def replace(self, elements: Iterable[JsonObject]) -> None:
        """Whatever was to be done before makes no difference any more."""
        self._done, self._removed = [], None
        self._added, self._replaces = {}, True
        self.add(elements)

    def in_order(self) -> tuple[RowChange, ...]:
        self._close()
        return tuple(self._done)

    def _close(self) -> None:
        if self._added is not None and self._replaces:
            self._done.append(ReplaceRows(tuple(self._added.values())))
        elif self._added:
            self._done.append(AddRows(tuple(self._added.values())))
        elif self._removed:
            self._done.append(RemoveRows(tuple(self._removed)))
        self._added, self._removed, self._replaces = None, None, False


def _named_value(node: Node) -> str | None:
    if isinstance(node, Comparison) and node.operator is Operator.EQ and node.path.leaf.name == "value":
        return node.value if isinstance(node.value, str) else None
    return None
