"""Reading change rows for people: one resource's versions, newest first, with the request that each came by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope

# Index scim_change_version_unique (tenant_id, resource_id, version), walked backwards.
CHANGES: Final = """
SELECT resource_type, version, kind, at, actor_id, request_id, before, after, members FROM scim_change
WHERE tenant_id = %(tenant)s AND resource_id = %(resource)s AND version < %(below)s
ORDER BY version DESC LIMIT %(limit)s
"""
# Index scim_request_log_request; the bounds of time leave out weeks that none of them is from.
REQUESTS: Final = """
SELECT request_id, id FROM scim_request_log
WHERE tenant_id = %(tenant)s AND request_id = ANY(%(requests)s) AND at BETWEEN %(first)s AND %(last)s
"""
SLACK: Final = timedelta(minutes=10)  # between a write and its request's row in the log
NEWEST: Final = 2**31 - 1


@dataclass(frozen=True)
class ChangeRow:
    """One version step as stored: documents are JSON text, None where the resource did not exist."""

    resource_type: str
    version: int
    kind: str
    at: datetime
    actor_id: str
    request_id: str
    before: str | None
    after: str | None
    members: str | None


def read_changes(*, resource_id: UUID, below: int = NEWEST, limit: int) -> Sequence[ChangeRow]:
    """At most `limit` changes of versions below that one, newest first."""
    scope = current_scope()
    params = {"tenant": scope.tenant_id, "resource": resource_id, "below": below, "limit": limit}
    return [ChangeRow(*row) for row in scope.execute(CHANGES, params).fetchall()]


def find_request_rows(*, changes: Sequence[ChangeRow]) -> Mapping[str, UUID]:
    """By request id the row of the request log that tells of it, for as long as the log keeps it."""
    named = sorted({change.request_id for change in changes if change.request_id})
    if not named:
        return {}
    scope, times = current_scope(), [change.at for change in changes]
    bounds: dict[str, Any] = {"first": min(times) - SLACK, "last": max(times) + SLACK}
    rows = scope.execute(REQUESTS, {"tenant": scope.tenant_id, "requests": named, **bounds}).fetchall()
    return dict(rows)
