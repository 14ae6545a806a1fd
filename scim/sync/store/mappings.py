"""Mappings of connectors: a draft, the version in force, and those before, of each resource type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import uuid_utils.compat

from scim.sync.store import run_statement

COLUMNS: Final = """
id, connector_id, resource_type, version, status, rows, scope, comment, created_at, created_by, published_at
"""
OF_CONNECTOR: Final = f"""
SELECT {COLUMNS} FROM sync_mapping WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s
ORDER BY resource_type DESC, version DESC
"""  # noqa: S608  # names of columns
INSERT: Final = """
INSERT INTO sync_mapping (tenant_id, id, connector_id, resource_type, version, status, rows, scope, comment,
                          created_at, created_by, published_at)
SELECT %(tenant)s, %(id)s, %(connector)s, %(type)s, coalesce(max(version), 0) + 1, %(status)s, %(rows)s, %(scope)s,
       %(comment)s, %(at)s, %(by)s, %(published_at)s
FROM sync_mapping WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_type = %(type)s
"""
DROP_DRAFT: Final = """
DELETE FROM sync_mapping
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_type = %(type)s AND status = 'draft'
"""
RETIRE: Final = """
UPDATE sync_mapping SET status = 'retired'
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_type = %(type)s AND status = 'active'
"""
PUBLISH: Final = """
UPDATE sync_mapping SET status = 'active', published_at = %(at)s, comment = %(comment)s
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND resource_type = %(type)s AND status = 'draft'
"""
IS_NEW: Final = """
SELECT EXISTS (SELECT FROM sync_mapping m WHERE m.tenant_id = %(tenant)s AND m.connector_id = %(connector)s
  AND m.status = 'active' AND m.version > 1 AND m.published_at > coalesce((
    SELECT max(planned_at) FROM sync_run r WHERE r.tenant_id = %(tenant)s AND r.connector_id = %(connector)s
      AND r.mode = 'full' AND r.state IN ('succeeded', 'partial') AND r.id <> %(but)s), '-infinity'))
"""


@dataclass(frozen=True)
class StoredMapping:
    """One version. `rows` are plain values as `scim.mapping` writes them, `scope` an expression or ''."""

    id: UUID
    connector_id: UUID
    resource_type: str
    version: int
    status: str
    rows: Sequence[Mapping[str, Any]]
    scope: str
    comment: str
    created_at: datetime
    created_by: str
    published_at: datetime | None


def read_mappings(*, connector_id: UUID) -> list[StoredMapping]:
    """All versions of a connector, users first, the newest first."""
    rows = run_statement(OF_CONNECTOR, connector=connector_id).fetchall()
    names = [name.strip() for name in COLUMNS.split(",")]
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return [StoredMapping(**values | {"rows": orjson.loads(values["rows"])}) for values in found]


def insert_mapping(  # a row's columns
    *,
    connector_id: UUID,
    resource_type: str,
    status: str,
    rows: Sequence[Mapping[str, Any]],
    scope: str,
    comment: str,
    at: datetime,
    by: str,
) -> None:
    """Store another version; there is room for one draft and one that is active."""
    given = {"connector": connector_id, "type": resource_type, "status": status, "scope": scope, "comment": comment}
    told = {"at": at, "by": by, "published_at": None if status == "draft" else at}
    run_statement(INSERT, id=uuid_utils.compat.uuid7(), rows=orjson.dumps(list(rows)).decode(), **given, **told)


def drop_draft(*, connector_id: UUID, resource_type: str) -> bool:
    """Whether there was one."""
    return bool(run_statement(DROP_DRAFT, connector=connector_id, type=resource_type).rowcount)


def publish_draft(*, connector_id: UUID, resource_type: str, comment: str, at: datetime) -> bool:
    """Let the draft be in force, and what was be history. False without a draft."""
    given = {"connector": connector_id, "type": resource_type}
    run_statement(RETIRE, **given)
    return bool(run_statement(PUBLISH, comment=comment, at=at, **given).rowcount)


def is_mapping_new(*, connector_id: UUID, but: UUID) -> bool:
    """Whether one was published since the last full run that went through, other than that run."""
    return bool(run_statement(IS_NEW, connector=connector_id, but=but).fetchone()[0])
