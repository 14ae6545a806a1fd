"""Reading the feed from a number on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scim.store.feed import FeedEntry, read_entries
from scim.store.pipeline import reading_scope

MOST_BYTES: Final = 4 * 1024 * 1024  # of the documents of one page; the entry that passes it is the last


@dataclass(frozen=True)
class FeedPage:
    """Entries in order; `is_last` when nothing was left behind them."""

    entries: Sequence[FeedEntry]
    is_last: bool


def read_feed(*, after: int, limit: int, revision: int) -> FeedPage:
    """What follows the number `after` in the feed of the bound tenant, in one round trip; an empty page where nothing
    does yet. `revision` is of the definitions by which it will be told.
    """
    with reading_scope(revision=revision, by_keys=True):
        answer = read_entries(after=after, limit=limit + 1)
    found = [FeedEntry(*row) for row in answer.fetchall()]
    taken, weight = 0, 0
    for entry in found[:limit]:
        taken += 1
        weight += sum(len(text) for text in (entry.before, entry.after, entry.members) if text)
        if weight > MOST_BYTES:
            break
    return FeedPage(found[:taken], is_last=taken == len(found))
