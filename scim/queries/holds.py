"""Who is held back: for connectors, which leave these people as they are, and for the operators who decide.

A sync engine asks before it carries a change on: of whom find_held tells, the connector keeps what it has, active and
in their groups, until the hold is released (then the resource as it is now counts) or undone (then nothing happened).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.protocol.folding import fold_text
from scim.store.holds import (
    Hold,
    HoldPosition,
    count_open_holds,
    read_held,
    read_held_members,
    read_holds,
)

__all__ = [
    "Hold",
    "HoldFilter",
    "HoldPage",
    "HoldPosition",
    "count_held",
    "find_held",
    "find_held_members",
    "list_holds",
]

PAGE_SIZE: Final = 50
FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True)
class HoldFilter:
    """What is looked for: in which state, with `text` in the name, newest first or by name."""

    state: str = "held"
    text: str = ""
    by_name: bool = False


@dataclass(frozen=True)
class HoldPage:
    """One page; `position` is where the next one begins, None at the end."""

    rows: Sequence[Hold]
    position: HoldPosition | None


def find_held(*, resource_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Of these resources of the bound tenant, those that connectors leave as they are: deactivation or deletion."""
    with tenant_scope():
        return read_held(resource_ids=resource_ids)


def find_held_members(*, group_id: UUID) -> frozenset[UUID]:
    """Whom connectors keep in a group although it has lost them: their deletion is held back."""
    with tenant_scope():
        return read_held_members(group_id=group_id)


def count_held() -> int:
    """How many people of the bound tenant are held back."""
    with tenant_scope():
        return count_open_holds()


def list_holds(*, wanted: HoldFilter, position: HoldPosition | None = None) -> HoldPage:
    """A page of the bound tenant's holds."""
    newest = HoldPosition(LAST_ID, datetime.now(UTC) + timedelta(days=1))
    start = position or (HoldPosition(FIRST_ID) if wanted.by_name else newest)
    with tenant_scope():
        rows = read_holds(
            position=start, by_name=wanted.by_name, state=wanted.state, limit=PAGE_SIZE, text=fold_text(wanted.text)
        )
    if len(rows) < PAGE_SIZE:
        return HoldPage(rows, None)
    last = rows[-1]
    return HoldPage(rows, HoldPosition(last.id, last.held_at, fold_text(last.name)))
