"""A document as its single values, each with the path that it stands at: what people compare and ask the origin of.

A part of a complex attribute and of an extension is a value of its own; of a multi-valued attribute each element is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from scim.protocol.json_input import Json

PASSED_OVER: Final = frozenset({"schemas"})
URN: Final = "urn:"


@dataclass(frozen=True)
class Leaf:
    """One value; `text` is its canonical JSON, so that equal values are equal leaves."""

    path: str
    text: str

    @property
    def value(self) -> Any:
        return orjson.loads(self.text)


@dataclass(frozen=True)
class LeafChange:
    """What became of a path: the values that it no longer has, and those that it has now."""

    path: str
    before: tuple[Leaf, ...] = ()
    after: tuple[Leaf, ...] = ()


def list_leaves(document: Mapping[str, Any]) -> list[Leaf]:
    """In the order of the document, the extensions last."""
    named = sorted(document.items(), key=lambda item: item[0].startswith(URN))
    return [leaf for name, value in named if name not in PASSED_OVER for leaf in _list_at(name, value)]


def compare_leaves(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[LeafChange]:
    """What differs between two documents, by path."""
    old, new = dict.fromkeys(list_leaves(before)), dict.fromkeys(list_leaves(after))
    gone, come = [leaf for leaf in old if leaf not in new], [leaf for leaf in new if leaf not in old]
    paths = dict.fromkeys(leaf.path for leaf in (*gone, *come))
    return [LeafChange(path, _at(path, gone), _at(path, come)) for path in paths]


def _at(path: str, leaves: list[Leaf]) -> tuple[Leaf, ...]:
    return tuple(leaf for leaf in leaves if leaf.path == path)


def _list_at(name: str, value: Json) -> Iterator[Leaf]:
    if name.startswith(URN) and isinstance(value, dict):
        for part, inner in value.items():
            yield from _walk(f"{name}:{part}", inner)
    else:
        yield from _walk(name, value)


def _walk(path: str, value: Json) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _walk(f"{path}.{name}", part)
    elif isinstance(value, list):
        yield from (Leaf(path, _canonical(element)) for element in value)
    else:
        yield Leaf(path, _canonical(value))


def _canonical(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
