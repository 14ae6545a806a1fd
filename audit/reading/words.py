"""The words of an event, folded as they are looked up: letters of any width and case are one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from unicodedata import normalize

from audit.reading.contents import Content

LONGEST, SHORTEST_PART, MOST = 64, 2, 48
CHUNK = re.compile(r"[^\s\"'<>()\[\]{},;]+")
PART = re.compile(r"\w+")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def fold(text: str) -> str:
    """One form for what reads the same (NFKC, case-folded)."""
    return normalize("NFKC", normalize("NFKC", text).casefold())


def split_text(text: str) -> list[str]:
    """The words that a searcher means: whatever stands between spaces, without the punctuation around it."""
    chunks = (chunk.strip(".:!?*")[:LONGEST] for chunk in CHUNK.findall(fold(text)))
    return list(dict.fromkeys(chunk for chunk in chunks if chunk))


def list_words(content: Content) -> list[str]:
    """The words an event is found by: of its names, ids, reasons and changed values, at most MOST."""
    words: dict[str, None] = {}
    for text in _list_texts(content):
        for chunk in split_text(text):
            words[chunk] = None
            if not UUID_TEXT.fullmatch(chunk):
                words.update(dict.fromkeys(part for part in PART.findall(chunk) if len(part) >= SHORTEST_PART))
        if len(words) >= MOST:
            break
    return [*words][:MOST]


def _list_texts(content: Content) -> Iterator[str]:
    """What is most likely looked for comes first."""
    yield from (content.target["display"], content.target["id"], content.actor["label"])
    yield from (str(value) for value in content.details.values() if isinstance(value, str))
    for change in content.changes:
        yield from _list_leaves(change)


def _list_leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        inner: Iterable[Any] = value.values() if isinstance(value, Mapping) else value
        for part in inner:
            yield from _list_leaves(part)
