"""Runs of a connector: rows of the open scope's tenant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from django.db import connections

from scim.sync.store import run_statement

LEASE_SECONDS: Final = 60
TO_DO: Final = ("create", "update", "deactivate", "delete")
UNDER_WAY: Final = ("queued", "planning", "awaiting_approval", "running", "paused")
COLUMNS: Final = """
id, connector_id, mode, state, phase, cursor, seen, counts, done, failed, plan_hash, cause, requested_by, requested_at,
started_at, planned_at, ended_at
"""
INSERT: Final = """
INSERT INTO sync_run (tenant_id, id, connector_id, mode, requested_by, requested_at)
SELECT %(tenant)s, %(id)s, id, %(mode)s, %(by)s, %(at)s FROM sync_connector
WHERE tenant_id = %(tenant)s AND id = %(connector)s
ON CONFLICT (tenant_id, connector_id)
    WHERE state IN ('queued', 'planning', 'awaiting_approval', 'running', 'paused') DO NOTHING
"""
GET: Final = f"SELECT {COLUMNS} FROM sync_run WHERE tenant_id = %(tenant)s AND id = %(id)s"  # noqa: S608  # names of columns
LOCK: Final = f"{GET} FOR NO KEY UPDATE"
# Index sync_run_listed, backward.
LIST: Final = f"""
SELECT {COLUMNS} FROM sync_run WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s
ORDER BY requested_at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608  # names of columns
CLAIM: Final = f"""
UPDATE sync_run SET lease_token = %(token)s, lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
    state = 'planning', started_at = coalesce(started_at, clock_timestamp())
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state IN ('queued', 'planning')
  AND (lease_until IS NULL OR lease_until <= clock_timestamp())
RETURNING {COLUMNS}
"""  # noqa: S608  # names of columns
# The planner's step: nothing of it counts when the lease went to another, or the run was canceled meanwhile.
STEP: Final = """
UPDATE sync_run SET phase = %(phase)s, cursor = %(cursor)s, seen = %(seen)s, counts = %(counts)s,
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state = 'planning' AND lease_token = %(token)s
  AND lease_until > clock_timestamp()
"""
LEAVE: Final = """
UPDATE sync_run SET lease_token = NULL, lease_until = NULL
WHERE tenant_id = %(tenant)s AND id = %(id)s AND lease_token = %(token)s
"""
MOVE: Final = """
UPDATE sync_run SET state = %(state)s, cause = %(cause)s, plan_hash = coalesce(%(plan_hash)s, plan_hash),
    planned_at = CASE WHEN state = 'planning' THEN clock_timestamp() ELSE planned_at END,
    ended_at = CASE WHEN %(ends)s THEN clock_timestamp() END, lease_token = NULL, lease_until = NULL
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state = ANY(%(froms)s)
"""
PROGRESS: Final = """
UPDATE sync_run r SET done = found.done, failed = found.failed FROM (
    SELECT count(*) FILTER (WHERE state NOT IN ('pending', 'leased', 'retry')) AS done,
           count(*) FILTER (WHERE state IN ('failed', 'conflict')) AS failed
    FROM sync_link WHERE tenant_id = %(tenant)s AND run_id = %(id)s
) found WHERE r.tenant_id = %(tenant)s AND r.id = %(id)s RETURNING r.done, r.failed
"""
LEFT: Final = """
SELECT count(*) FILTER (WHERE state IN ('pending', 'leased')), count(*) FILTER (WHERE state = 'retry')
FROM sync_link WHERE tenant_id = %(tenant)s AND run_id = %(id)s
"""
# What was planned and is not begun stays as it is over there until somebody asks for another look.
CANCEL_LINKS: Final = """
UPDATE sync_link SET state = 'skipped', reason = 'The run was canceled before its turn came.', run_id = NULL
WHERE tenant_id = %(tenant)s AND run_id = %(id)s AND state IN ('pending', 'retry')
"""
# In all tenants: runs that a planner is to be asked for, and those that may be through.
WAITING: Final = """
SELECT r.tenant_id, r.id, r.state FROM sync_run r JOIN tenants_tenant t ON t.id = r.tenant_id
WHERE t.state = 'active' AND (r.state = 'running' OR (r.state IN ('queued', 'planning')
  AND (r.lease_until IS NULL OR r.lease_until <= clock_timestamp())
  AND (r.rung_at IS NULL OR r.rung_at <= clock_timestamp() - make_interval(secs => %(rest)s))))
ORDER BY r.requested_at
"""
STOPPED: Final = """
SELECT id, state FROM sync_run WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) AND state IN ('paused', 'canceled')
"""
RUNG: Final = "UPDATE sync_run SET rung_at = clock_timestamp() WHERE tenant_id = %(tenant)s AND id = %(id)s"


@dataclass(frozen=True)
class Run:
    """One run. `counts` are of the plan, by action; `done` and `failed` of what was applied."""

    id: UUID
    connector_id: UUID
    mode: str
    state: str
    phase: str
    cursor: UUID | None
    seen: int
    counts: Mapping[str, int]
    done: int
    failed: int
    plan_hash: bytes | None
    cause: str
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    planned_at: datetime | None
    ended_at: datetime | None

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def to_do(self) -> int:
        """How many resources the plan changes."""
        return sum(self.counts.get(action, 0) for action in TO_DO)


def insert_run(*, run_id: UUID, connector_id: UUID, mode: str, by: str, at: datetime) -> bool:
    """Queue it; False when one of the connector is under way."""
    return bool(run_statement(INSERT, id=run_id, connector=connector_id, mode=mode, by=by, at=at).rowcount)


def find_run(*, run_id: UUID, lock: bool = False) -> Run | None:
    """The tenant's run of that id."""
    row = run_statement(LOCK if lock else GET, id=run_id).fetchone()
    return row and _read(row)


def read_runs(*, connector_id: UUID, limit: int) -> list[Run]:
    """The newest of a connector."""
    return [_read(row) for row in run_statement(LIST, connector=connector_id, limit=limit).fetchall()]


def claim_run(*, run_id: UUID) -> tuple[Run, UUID] | None:
    """A run to plan, and the token of its lease; None when there is nothing to plan, or another planner is at it."""
    token = uuid4()
    row = run_statement(CLAIM, id=run_id, token=token, lease=LEASE_SECONDS).fetchone()
    return row and (_read(row), token)


def store_step(*, run: Run, token: UUID) -> bool:
    """Keep how far a planner came; False when the run is its own no more."""
    told = {"phase": run.phase, "cursor": run.cursor, "seen": run.seen, "counts": orjson.dumps(run.counts).decode()}
    return bool(run_statement(STEP, id=run.id, token=token, lease=LEASE_SECONDS, **told).rowcount)


def leave_run(*, run_id: UUID, token: UUID) -> None:
    """Let another planner go on."""
    run_statement(LEAVE, id=run_id, token=token)


def move_run(
    *, run_id: UUID, froms: Sequence[str], state: str, cause: str = "", plan_hash: bytes | None = None
) -> bool:
    """From one of these states to another; False when it was in none of them."""
    given = {"froms": list(froms), "state": state, "ends": state not in UNDER_WAY, "plan_hash": plan_hash}
    return bool(run_statement(MOVE, id=run_id, cause=cause, **given).rowcount)


def count_progress(*, run_id: UUID) -> tuple[int, int]:
    """Count what is done, and what of it failed, and keep it with the run."""
    done, failed = run_statement(PROGRESS, id=run_id).fetchone()
    return int(done), int(failed)


def count_remaining(*, run_id: UUID) -> tuple[int, int]:
    """How many links of a run have not had their turn, and how many wait for another."""
    waiting, retried = run_statement(LEFT, id=run_id).fetchone()
    return int(waiting), int(retried)


def cancel_links(*, run_id: UUID) -> int:
    """Let go what has not begun. Gives how many."""
    return int(run_statement(CANCEL_LINKS, id=run_id).rowcount)


def find_waiting_runs(*, rest: timedelta) -> list[tuple[UUID, UUID, str]]:
    """Tenants, runs and their states that the ledger looks after. Call it inside cross_tenant."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(WAITING, {"rest": rest.total_seconds()})
        return list(cursor.fetchall())


def find_stopped_runs(*, run_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Those that are paused or canceled, with their states."""
    return dict(run_statement(STOPPED, ids=list(run_ids)).fetchall())


def note_run_ring(*, run_id: UUID) -> None:
    """A planner was asked for just now."""
    run_statement(RUNG, id=run_id)


def _read(row: tuple[Any, ...]) -> Run:
    found = dict(zip(Run.__dataclass_fields__, row, strict=True))
    found["plan_hash"] = bytes(found["plan_hash"]) if found["plan_hash"] is not None else None
    return Run(**found | {"counts": orjson.loads(found["counts"])})
