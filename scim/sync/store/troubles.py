"""Links that wait for people: failed ones by cause, and those that a guard keeps."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from scim.sync.store import run_statement
from scim.sync.store.links import COLUMNS, Link, read_link

# Index sync_link_troubled (tenant_id, connector_id, error_sig, resource_id) throughout.
GROUPED: Final = """
SELECT error_sig, count(*), min(reason), min(changed_at), max(changed_at),
       (array_agg(resource_id ORDER BY resource_id))[1:5]
FROM sync_link WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state IN ('failed', 'conflict')
GROUP BY error_sig ORDER BY count(*) DESC, error_sig LIMIT 100
"""
TROUBLED: Final = """
SELECT resource_id, resource_type FROM sync_link
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state IN ('failed', 'conflict')
  AND (%(all)s OR error_sig = %(signature)s) LIMIT %(limit)s
"""
# Index sync_link_staged (tenant_id, connector_id, resource_id).
STAGED: Final = f"""
SELECT {COLUMNS} FROM sync_link l
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state = 'staged' AND resource_id > %(after)s
ORDER BY resource_id LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
TAKE: Final = """
SELECT resource_id, resource_type FROM sync_link
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state = 'staged'
  AND (%(all)s OR resource_id = ANY(%(ids)s)) FOR NO KEY UPDATE
"""
REJECT: Final = """
UPDATE sync_link SET state = 'skipped', reason = %(reason)s, changed_at = clock_timestamp()
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND state = 'staged'
  AND (%(all)s OR resource_id = ANY(%(ids)s))
"""


@dataclass(frozen=True)
class Trouble:
    """Failures of one cause: how many, an example of what was told, since when, and some of whom."""

    signature: str
    number: int
    told: str
    first_at: datetime
    last_at: datetime
    examples: Collection[UUID]


def group_troubles(*, connector_id: UUID) -> list[Trouble]:
    """The largest first."""
    return [Trouble(*row) for row in run_statement(GROUPED, connector=connector_id).fetchall()]


def find_troubled(*, connector_id: UUID, signature: str | None, limit: int) -> Mapping[UUID, str]:
    """Resources with their types that failed: of one cause, or all."""
    given = {"connector": connector_id, "signature": signature, "all": signature is None}
    return dict(run_statement(TROUBLED, limit=limit, **given).fetchall())


def read_staged(*, connector_id: UUID, after: UUID, limit: int) -> list[Link]:
    """Some that wait for approval, in the order of ids."""
    rows = run_statement(STAGED, connector=connector_id, after=after, limit=limit).fetchall()
    return [read_link(row) for row in rows]


def take_staged(*, connector_id: UUID, resource_ids: Collection[UUID] | None) -> Mapping[UUID, str]:
    """Those of the ids, or all, that wait for approval; locked until the scope closes."""
    given = {"connector": connector_id, "all": resource_ids is None, "ids": list(resource_ids or ())}
    return dict(run_statement(TAKE, **given).fetchall())


def reject_staged(*, connector_id: UUID, resource_ids: Collection[UUID] | None, reason: str) -> int:
    """Let them be as they are. Gives how many."""
    given = {"connector": connector_id, "all": resource_ids is None, "ids": list(resource_ids or ())}
    return int(run_statement(REJECT, reason=reason, **given).rowcount)
