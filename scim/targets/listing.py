"""Pages of a listing that end whatever the target counts: by index, by cursor (RFC 9865), or in one answer.

totalResults is told on and never believed: a listing ends with an empty page, with a page that was there before (the
target pays no heed to startIndex), or where a cursor leads no further.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from scim.targets.errors import ErrorClass, TargetError
from scim.targets.exchanges import Exchange
from scim.targets.profile import Facts, Paging
from scim.targets.reading import NOT_SCIM, Stored, read_json, read_listed
from scim.targets.wire import Answer

LONGEST_CURSOR: Final = 4096


@dataclass(frozen=True, slots=True)
class Page:
    """`cursor` leads to the next page, None: this was the last. `total` is what the target claims, if it claims. The
    `unreadable` have no id.
    """

    resources: tuple[Stored, ...]
    cursor: str | None
    total: int | None
    unreadable: int = 0
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Place:
    """Where a page begins. `seen` stands for the ids of the page before."""

    start: int = 1
    cursor: str = ""
    seen: str = ""

    @classmethod
    def parse(cls, text: str | None) -> "Place":
        """Raises ValueError for what `format` did not make."""
        if text is None:
            return cls()
        kind, seen, rest = (*text.split(":", 2), "", "")[:3]
        if kind == "i" and rest.isdecimal():
            return cls(start=int(rest), seen=seen)
        if kind == "c" and rest:
            return cls(cursor=rest, seen=seen)
        raise ValueError("not a cursor of a listing")

    def format(self) -> str:
        """Opaque to everybody else."""
        return f"c:{self.seen}:{self.cursor}" if self.cursor else f"i:{self.seen}:{self.start}"

    def query(self, facts: Facts) -> dict[str, str | int]:
        """What is asked for. An empty cursor asks for the first page by cursor."""
        if facts.paging is Paging.NONE:
            return {}
        if facts.paging is Paging.CURSOR or self.cursor:
            return {"cursor": self.cursor, "count": facts.page_size}
        return {"startIndex": self.start, "count": facts.page_size}


def read_page(answer: Answer, *, place: Place, facts: Facts) -> Page:
    """The page of a successful answer. Raises TargetError for an answer that is no listing."""
    body = read_json(answer.content)
    documents = read_documents(body)
    if documents is None:
        raise TargetError(
            NOT_SCIM if body is None else "The target answers with something that is no listing of resources.",
            error_class=ErrorClass.PERMANENT,
            status=answer.status,
            exchanges=answer.exchanges,
        )
    read = [read_listed(document) for document in documents]
    stored = tuple(found for found in read if found is not None)
    total = body.get("totalResults") if isinstance(body, dict) else None
    known = total if isinstance(total, int) and not isinstance(total, bool) else None
    mark = _mark(stored)
    if documents and mark == place.seen and place.seen:
        return Page((), None, known, 0, answer.exchanges)
    following = _following(body, documents, place, facts, mark)
    return Page(stored, following, known, len(documents) - len(stored), answer.exchanges)


def _following(body: Any, documents: Sequence[Any], place: Place, facts: Facts, mark: str) -> str | None:
    cursor = body.get("nextCursor") if isinstance(body, dict) else None
    if not documents or facts.paging is Paging.NONE:
        return None
    if isinstance(cursor, str) and 0 < len(cursor) <= LONGEST_CURSOR:
        return Place(cursor=cursor, seen=mark).format() if cursor != place.cursor else None
    if facts.paging is Paging.CURSOR or place.cursor:
        return None
    return Place(start=place.start + len(documents), seen=mark).format()


def read_documents(body: Any) -> Sequence[Any] | None:
    """Resources of a ListResponse, or of the bare array that some answer with; a missing member is an empty page."""
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return None
    resources = body.get("Resources", body.get("resources"))
    if resources is None:
        return [] if "totalResults" in body or "schemas" in body else None
    return resources if isinstance(resources, list) else None


def _mark(stored: Sequence[Stored]) -> str:
    return sha256("\n".join(found.remote_id for found in stored).encode()).hexdigest()[:12] if stored else ""
