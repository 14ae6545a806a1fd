"""Values of a document as people read them: one line each, whatever its form. They are untrusted: templates escape."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scim.protocol.leaves import Leaf, LeafChange

WORDS: Final = {True: "true", False: "false", None: "none"}
# Of an element these say what it is, not what it holds.
ABOUT: Final = ("type", "primary")


@dataclass(frozen=True)
class Difference:
    """A path with what stood there and what stands there now."""

    name: str
    schema: str
    before: Sequence[str]
    after: Sequence[str]


def name_path(path: str) -> tuple[str, str]:
    """The attribute's name, and of an extension the URN that it belongs to."""
    schema, _, name = path.rpartition(":")
    return name, schema


def show_value(leaf: Leaf) -> str:
    """One line."""
    return _show(leaf.value)


def show_changes(changes: Iterable[LeafChange]) -> list[Difference]:
    """Old and new, line by line."""
    return [
        Difference(*name_path(change.path), [*map(show_value, change.before)], [*map(show_value, change.after)])
        for change in changes
    ]


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return _show_element(value)
    if isinstance(value, list):
        return ", ".join(map(_show, value))
    return WORDS[value] if value is None or isinstance(value, bool) else str(value)


def _show_element(element: dict[str, Any]) -> str:
    """As in ada@example.test (work, primary); what has no `value` by its parts."""
    about = [str(element["type"])] if element.get("type") else []
    about += ["primary"] if element.get("primary") is True else []
    rest = {name: part for name, part in element.items() if name not in (*ABOUT, "value")}
    parts = [_show(element["value"])] if "value" in element else []
    parts += [f"{name}: {_show(part)}" for name, part in rest.items()]
    return ", ".join(parts) + (f" ({', '.join(about)})" if about else "")
