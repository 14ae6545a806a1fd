"""Sealing: events that have been committed become leaves of their tenant's tree, and a checkpoint is signed.

An event's transaction may commit long after a later one's, so neither time nor a serial number tells what is new. What
is read is every event that is visible and no leaf yet; where to begin reading is told by the oldest transaction that
was still running at the read before (the xmin of its snapshot): whatever was not visible then is of a later one.
Two sealers at once do no harm: they want the same leaf indexes, and one of them fails. A tenant whose keys do not open
keeps nobody else waiting: it is left out, tried again every RETRY_SECONDS, and the mark stays before its first event.
"""

import base64
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connections, transaction

from audit.actors import system_origin
from audit.merkle import Growth
from audit.signing import Signer, find_signer
from audit.verify import HASH_BYTES, hash_leaf
from labsninja.kernel.isolation import Scope, tenant_context, tenant_scope
from labsninja.kernel.secrets import SecretError

MOST = 20_000
RETRY_SECONDS = 60.0
MARK = """
SELECT watermark::text, pg_snapshot_xmin(pg_current_snapshot())::text,
       watermark > pg_snapshot_xmin(pg_current_snapshot()) FROM audit_sealing
"""
UNSEALED = """
SELECT e.tenant_id, e.id, e.at, e.canonical, e.xid::text FROM audit_event e
WHERE e.xid >= %(since)s::text::xid8 AND (e.xid < pg_snapshot_xmax(pg_current_snapshot()) OR %(lost)s)
  AND e.tenant_id <> ALL(%(stuck)s)
  AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.tenant_id = e.tenant_id AND l.event_id = e.id)
ORDER BY e.xid, e.at, e.id LIMIT %(most)s
"""
MOVE = "UPDATE audit_sealing SET watermark = %s::text::xid8, oldest_at = %s, beat_at = clock_timestamp()"
HEAD = "SELECT size, peaks FROM audit_checkpoint WHERE tenant_id = %s ORDER BY size DESC LIMIT 1"
LEAVES = """
INSERT INTO audit_leaf (tenant_id, leaf_index, event_id, event_at, hash)
SELECT %s, %s + n - 1, id, at, hash
FROM unnest(%s::uuid[], %s::timestamptz[], %s::bytea[]) WITH ORDINALITY AS new (id, at, hash, n)
"""
SUBTREES = """
INSERT INTO audit_subtree (tenant_id, level, number, hash)
SELECT %s, * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])
"""
CHECKPOINT = "INSERT INTO audit_checkpoint (tenant_id, size, peaks, note, signed_at) VALUES (%s, %s, %s, %s, %s)"
logger = logging.getLogger(__name__)


class Sealer:
    """Seals the events of all tenants. Call it inside cross_tenant: `fresh` then holds the newest note of each tenant
    that has got one, until somebody takes it.
    """

    def __init__(self) -> None:
        self.fresh: dict[UUID, str] = {}
        self._stuck: dict[UUID, datetime] = {}  # tenants that cannot be sealed, with the time of their first event
        self._retry_at = 0.0
        self._ahead: str | None = None  # what is read from while the mark waits for a tenant that is stuck

    def seal_some(self, *, most: int = MOST, is_ending: Callable[[], bool] = lambda: False) -> int:
        """Seal at most so many events, and no further tenant's once `is_ending`. Gives how many."""
        if self._stuck and monotonic() >= self._retry_at:
            self._stuck, self._ahead = {}, None
        mark, floor, is_behind = _ask(MARK, {})[0]
        since = mark if self._ahead is None else self._ahead
        # After a restore this cluster may count transactions from a lower number than the events tell of.
        values = {"since": "0" if is_behind else since, "lost": is_behind, "most": most, "stuck": [*self._stuck]}
        rows, sealed = _ask(UNSEALED, values), 0
        for tenant_id, group in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0]):
            if is_ending():
                return sealed
            sealed += self._seal(tenant_id, list(group))
        is_all = len(rows) < most
        reached = floor if is_all else since if is_behind else str(min(int(floor), max(int(row[4]) for row in rows)))
        self._ahead = reached if self._stuck else None
        waiting = [*self._stuck.values()] + ([] if is_all else [max(row[2] for row in rows)])
        _run(MOVE, [mark if self._stuck else reached, min(waiting, default=None)])
        return sealed

    def _seal(self, tenant_id: UUID, rows: Sequence[tuple[Any, ...]]) -> int:
        try:
            with tenant_context(tenant_id), tenant_scope() as scope:
                self.fresh[tenant_id] = seal_events(scope=scope, rows=[row[1:4] for row in rows])
        except IntegrityError as error:
            logger.warning("sealing: another sealer was faster: %s", error)
            raise
        except SecretError as error:
            text = "sealing: events of tenant %s cannot be sealed: %s"
            logger.error(text, tenant_id, error)  # noqa: TRY400 the message is the cause, its trace says no more
            self._stuck[tenant_id], self._retry_at = min(row[2] for row in rows), monotonic() + RETRY_SECONDS
            return 0
        return len(rows)


def seal_events(*, scope: Scope, rows: Sequence[tuple[UUID, datetime, str]]) -> str:
    """Make leaves of events (id, time, canonical text) and sign the new checkpoint; gives it as a note."""
    signer = find_signer(origin=system_origin("sealer"))
    head = scope.execute(HEAD, [scope.tenant_id]).fetchone() or (0, b"")
    peaks = bytes(head[1])
    growth = Growth(head[0], [peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)])
    hashes = [hash_leaf(canonical.encode()) for _, _, canonical in rows]
    for leaf in hashes:
        growth.append(leaf)
    scope.execute(LEAVES, [scope.tenant_id, head[0], [row[0] for row in rows], [row[1] for row in rows], hashes])
    if growth.subtrees:
        scope.execute(SUBTREES, [scope.tenant_id, *map(list, zip(*growth.subtrees, strict=True))])
    at = datetime.now(UTC)
    note = sign_checkpoint(signer=signer, size=growth.size, root=growth.root, at=at)
    scope.execute(CHECKPOINT, [scope.tenant_id, growth.size, b"".join(growth.peaks), note, at])
    return note


def sign_checkpoint(*, signer: Signer, size: int, root: bytes, at: datetime) -> str:
    """A checkpoint (C2SP tlog-checkpoint) with its time as an extension line."""
    return signer.sign(f"{signer.name}\n{size}\n{base64.b64encode(root).decode()}\ntime {at.isoformat()}\n")


def _ask(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _run(statement: str, values: Sequence[Any]) -> None:
    with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
        cursor.execute(statement, values)
