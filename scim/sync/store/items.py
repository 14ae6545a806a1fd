"""Items: what became of one resource at one look, for the people who ask why somebody is not over there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import uuid_utils.compat

from scim.sync.store import run_statement

COLUMNS: Final = """
id, connector_id, resource_id, resource_type, run_id, at, action, outcome, attempt, milliseconds, told, steps,
changes, exchange
"""
INSERT: Final = """
INSERT INTO sync_item (tenant_id, id, connector_id, resource_id, resource_type, run_id, at, action, outcome, attempt,
                       milliseconds, told, steps, changes, exchange)
VALUES (%(tenant)s, %(id)s, %(connector_id)s, %(resource_id)s, %(resource_type)s, %(run_id)s, clock_timestamp(),
        %(action)s, %(outcome)s, %(attempt)s, %(milliseconds)s, %(told)s, %(steps)s, %(changes)s, %(exchange)s)
"""
# Each by its index, backward.
BY: Final[Mapping[str, str]] = {
    "resource": "resource_id = %(of)s",
    "connector": "connector_id = %(of)s",
    "run": "run_id = %(of)s",
}
NEWEST: Final = f"""
SELECT {COLUMNS} FROM sync_item
WHERE tenant_id = %(tenant)s AND {{of}} AND id < %(before)s ORDER BY id DESC LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
# Index sync_item_left: who was taken away over there lately.
LEFT: Final = """
SELECT count(*) FILTER (WHERE at > clock_timestamp() - interval '1 hour'), count(*) FROM sync_item
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND at > clock_timestamp() - interval '24 hours'
  AND action IN ('deactivate', 'delete') AND outcome = 'done'
"""
# Ids begin with their time.
PRUNE: Final = """
DELETE FROM sync_item WHERE tenant_id = %(tenant)s AND id IN (
    SELECT id FROM sync_item WHERE tenant_id = %(tenant)s AND id < %(before)s ORDER BY id LIMIT %(limit)s
)
"""
LAST: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True)
class Item:
    """One look. `steps` are mappings of name, told, and state; `changes` of path, before, after; no secrets."""

    connector_id: UUID
    resource_id: UUID
    resource_type: str
    action: str
    outcome: str
    attempt: int = 0
    milliseconds: int = 0
    told: str = ""
    steps: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    exchange: Mapping[str, Any] = field(default_factory=dict)
    run_id: UUID | None = None
    id: UUID | None = None
    at: datetime | None = None


def insert_item(item: Item) -> None:
    """Keep it."""
    texts = {name: orjson.dumps(getattr(item, name)).decode() for name in ("steps", "changes", "exchange")}
    plain = {
        name: getattr(item, name)
        for name in (
            *("connector_id", "resource_id", "resource_type", "run_id"),
            *("action", "outcome", "attempt", "milliseconds", "told"),
        )
    }
    run_statement(INSERT, **plain | texts | {"id": uuid_utils.compat.uuid7()})


def read_items(*, by: str, of: UUID, before: UUID = LAST, limit: int) -> list[Item]:
    """The newest of a resource, connector or run, older than that item."""
    rows = run_statement(NEWEST.format(of=BY[by]), of=of, before=before, limit=limit).fetchall()
    return [_read(row) for row in rows]


def count_left(*, connector_id: UUID) -> tuple[int, int]:
    """How many were deactivated or deleted over there within an hour, and within a day."""
    hour, day = run_statement(LEFT, connector=connector_id).fetchone()
    return int(hour), int(day)


def prune_items(*, before: datetime, limit: int) -> int:
    """Delete some that are older. Gives how many."""
    milliseconds = before.timestamp() * 1000
    return int(run_statement(PRUNE, before=UUID(int=int(milliseconds) << 80), limit=limit).rowcount)


def _read(row: tuple[Any, ...]) -> Item:
    found = dict(zip((name.strip() for name in COLUMNS.split(",")), row, strict=True))
    return Item(**found | {name: orjson.loads(found[name]) for name in ("steps", "changes", "exchange")})


KEPT: Final = timedelta(days=30)
