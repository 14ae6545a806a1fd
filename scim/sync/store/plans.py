"""The plan of a run: what it is to do with each resource, as it is approved and then done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from scim.sync.store import run_statement
from scim.sync.store.runs import TO_DO, Run

ADD_ITEMS: Final = """
INSERT INTO sync_plan_item (tenant_id, run_id, resource_id, resource_type, action, name, reason, changes)
SELECT %(tenant)s, %(run)s, * FROM unnest(
    %(ids)s::uuid[], %(types)s::text[], %(actions)s::text[], %(names)s::text[], %(reasons)s::text[], %(changes)s::text[]
) ON CONFLICT DO NOTHING
"""
# Index sync_plan_item_listed (tenant_id, run_id, action, resource_id).
ITEMS: Final = """
SELECT resource_id, resource_type, action, name, reason, changes FROM sync_plan_item
WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND action = ANY(%(actions)s) AND resource_id > %(after)s
ORDER BY resource_id LIMIT %(limit)s
"""
HASH: Final = """
SELECT sha256(convert_to(coalesce(string_agg(action || resource_id || changes, ' ' ORDER BY resource_id), ''), 'UTF8'))
FROM sync_plan_item WHERE tenant_id = %(tenant)s AND run_id = %(run)s
"""
APPLY: Final = """
INSERT INTO sync_link AS l (tenant_id, connector_id, resource_id, resource_type, rank, run_id, is_approved)
SELECT %(tenant)s::uuid, %(connector)s::uuid, resource_id, resource_type,
       CASE resource_type WHEN 'User' THEN 0 ELSE 1 END, %(run)s, true
FROM sync_plan_item WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND action = ANY(%(actions)s)
ON CONFLICT (tenant_id, connector_id, resource_id) DO UPDATE SET
    wanted = l.wanted + 1, state = CASE l.state WHEN 'leased' THEN 'leased' ELSE 'pending' END,
    attempts = 0, next_attempt_at = clock_timestamp(), error_sig = NULL, reason = '', run_id = %(run)s,
    is_approved = true
"""


@dataclass(frozen=True)
class PlanItem:
    """What a run is to do with one resource."""

    resource_id: UUID
    resource_type: str
    action: str
    name: str
    reason: str = ""
    changes: Sequence[Mapping[str, Any]] = ()


def add_plan_items(*, run_id: UUID, items: Sequence[PlanItem]) -> None:
    """Add to a run's plan; what is in it stays."""
    if items:
        columns = {
            "ids": [item.resource_id for item in items],
            "types": [item.resource_type for item in items],
            "actions": [item.action for item in items],
            "names": [item.name for item in items],
            "reasons": [item.reason for item in items],
            "changes": [orjson.dumps(list(item.changes)).decode() for item in items],
        }
        run_statement(ADD_ITEMS, run=run_id, **columns)


def read_plan_items(*, run_id: UUID, actions: Sequence[str], after: UUID, limit: int) -> list[PlanItem]:
    """Some of a plan, in the order of ids, behind one."""
    rows = run_statement(ITEMS, run=run_id, actions=list(actions), after=after, limit=limit).fetchall()
    return [
        PlanItem(resource_id, name, action, told, reason, orjson.loads(changes))
        for resource_id, name, action, told, reason, changes in rows
    ]


def hash_plan(*, run_id: UUID) -> bytes:
    """A digest of all of a plan: what somebody approves is what they have seen."""
    return bytes(run_statement(HASH, run=run_id).fetchone()[0])


def apply_plan(*, run: Run) -> int:
    """Have workers do what was planned. Gives how many links were marked."""
    given = {"run": run.id, "connector": run.connector_id, "actions": list(TO_DO)}
    return int(run_statement(APPLY, **given).rowcount)
