"""Keeps the words of events, behind their back: the ledger reads what has been sealed, tenant by tenant in the order of
leaves, so that no request waits for words and no late transaction is passed over.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, transaction

from audit.reading.contents import Content
from audit.reading.sealed import read_sealed
from audit.reading.words import list_words
from labsninja.kernel.isolation import Scope, tenant_context, tenant_scope

BATCH, BATCH_BYTES = 500, 4 * 1024 * 1024
# One row a tenant: whoever has a sealed event has one active key.
BEHIND = """
SELECT k.tenant_id FROM audit_signing_key k
LEFT JOIN audit_word_progress p ON p.tenant_id = k.tenant_id
CROSS JOIN LATERAL (
    SELECT size FROM audit_checkpoint c WHERE c.tenant_id = k.tenant_id ORDER BY size DESC LIMIT 1
) AS head
WHERE k.active AND head.size > coalesce(p.leaves, 0)
"""
BEGIN = "INSERT INTO audit_word_progress (tenant_id, leaves) VALUES (%s, 0) ON CONFLICT DO NOTHING"
TAKE = "SELECT leaves FROM audit_word_progress WHERE tenant_id = %s FOR UPDATE"
MOVE = "UPDATE audit_word_progress SET leaves = %s WHERE tenant_id = %s"
INSERT = """
INSERT INTO audit_word (tenant_id, word, at, id)
SELECT %s, * FROM unnest(%s::text[], %s::timestamptz[], %s::uuid[]) ON CONFLICT DO NOTHING
"""
FORGET = """
DELETE FROM audit_word w USING unnest(%s::text[], %s::timestamptz[], %s::uuid[]) AS old (word, at, id)
WHERE w.tenant_id = %s AND w.word = old.word AND w.at = old.at AND w.id = old.id
"""
logger = logging.getLogger(__name__)


def index_words(*, is_ending: Callable[[], bool] = lambda: False) -> int:
    """Keep the words of what was sealed in all tenants, a batch a transaction. Gives how many events. Call it inside
    cross_tenant.
    """
    with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
        cursor.execute(BEHIND)
        behind: list[UUID] = [row[0] for row in cursor.fetchall()]
    return sum(_index_tenant(tenant_id, is_ending) for tenant_id in behind)


def forget_words(*, scope: Scope, contents: Sequence[Content]) -> None:
    """Take away the words of events that may no longer be found by what they say; `contents` are what they said.

    It waits for whoever is writing words, who may have read those events before; also for the first who ever does.
    """
    scope.execute(BEGIN, [scope.tenant_id])
    scope.execute(TAKE, [scope.tenant_id])
    scope.execute(FORGET, [*_unfold(contents), scope.tenant_id])


def add_words(*, scope: Scope, contents: Sequence[Content]) -> None:
    """Keep the words of events of the open scope's tenant; those that are kept already are no trouble."""
    scope.execute(INSERT, [scope.tenant_id, *_unfold(contents)])


def _index_tenant(tenant_id: UUID, is_ending: Callable[[], bool]) -> int:
    """A tenant whose events cannot be read keeps no other waiting; a database that is away is everybody's trouble."""
    indexed = 0
    try:
        with tenant_context(tenant_id):
            while not is_ending() and (done := _index_batch()):
                indexed += done
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("audit words: events of tenant %s have none", tenant_id)
    return indexed


def _index_batch() -> int:
    with tenant_scope() as scope:
        scope.execute(BEGIN, [scope.tenant_id])
        first: int = scope.execute(TAKE, [scope.tenant_id]).fetchone()[0]
        batch = read_sealed(scope=scope, first=first, most=BATCH, most_bytes=BATCH_BYTES)
        if batch.end > first:
            add_words(scope=scope, contents=batch.contents)
            scope.execute(MOVE, [batch.end, scope.tenant_id])
    return batch.end - first


def _unfold(contents: Sequence[Content]) -> list[list[Any]]:
    """Columns of the words of events."""
    rows = [(word, content.at, content.id) for content in contents for word in list_words(content)]
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], []]
