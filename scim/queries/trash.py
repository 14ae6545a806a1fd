"""What was deleted and can be restored, for people to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.protocol.folding import fold_text
from scim.store.trash import Tombstone, TrashPosition, find_tombstone, read_trash

__all__ = ["Tombstone", "TrashFilter", "TrashPage", "TrashPosition", "find_deleted", "list_trash"]

PAGE_SIZE: Final = 50
FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True)
class TrashFilter:
    """What is looked for: `text` in the name, a type, newest first or by name."""

    text: str = ""
    resource_type: str = ""
    by_name: bool = False


@dataclass(frozen=True)
class TrashPage:
    """One page; `position` is where the next one begins, None at the end."""

    rows: Sequence[Tombstone]
    position: TrashPosition | None


def list_trash(*, wanted: TrashFilter, position: TrashPosition | None = None) -> TrashPage:
    """A page of the bound tenant's trash."""
    newest = TrashPosition(LAST_ID, datetime.now(UTC) + timedelta(days=1))
    start = position or (TrashPosition(FIRST_ID) if wanted.by_name else newest)
    with tenant_scope():
        rows = read_trash(
            position=start,
            by_name=wanted.by_name,
            limit=PAGE_SIZE,
            text=fold_text(wanted.text),
            resource_type=wanted.resource_type,
        )
    if len(rows) < PAGE_SIZE:
        return TrashPage(rows, None)
    last = rows[-1]
    return TrashPage(rows, TrashPosition(last.id, last.deleted_at, last.sort_name))


def find_deleted(*, resource_id: UUID) -> Tombstone | None:
    """One that lies in the bound tenant's trash."""
    with tenant_scope():
        return find_tombstone(resource_id=resource_id)
