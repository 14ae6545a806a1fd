"""Finding a resource by a value: the filter that is asked with, and whether what came back really has the value.

Some targets pay no heed to a filter and answer with everybody: nobody may be taken for somebody else for that.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scim.targets.reading import Stored

BRACKETS: Final = re.compile(r"\[[^\]]*\]")
EXACT: Final = frozenset({"externalid", "id"})


def build_filter(attribute: str, value: str) -> str:
    """As in userName eq "ada" (RFC 7644 section 3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"


def has_value(stored: Stored, attribute: str, value: str) -> bool:
    """Whether a resource has the value; case counts for identifiers alone. Brackets in `attribute` are not judged."""
    is_exact = attribute.casefold() in EXACT
    wanted = value if is_exact else value.casefold()
    texts = (found for found in _walk(stored.document or {}, _keys(attribute)))
    return any((found if is_exact else found.casefold()) == wanted for found in texts)


def _keys(attribute: str) -> list[str]:
    """The members to walk through. The URN of an extension is one of them; that of a core schema may be left out."""
    plain = BRACKETS.sub("", attribute)
    urn, colon, local = plain.rpartition(":")
    return [urn, *local.split(".")] if colon else plain.split(".")


def _walk(value: Any, keys: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for element in value:
            if not isinstance(element, list):  # SCIM has none, and depth would have no end
                yield from _walk(element, keys)
    elif not keys:
        inner = value.get("value") if isinstance(value, Mapping) else value
        if isinstance(inner, str):
            yield inner
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name.casefold() == keys[0].casefold():
                yield from _walk(inner, keys[1:])
        if keys[0].startswith("urn:"):
            yield from _walk(value, keys[1:])
