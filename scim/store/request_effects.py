"""What one request left behind: the versions of its resource, and whether connectors were told or held back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol.json_input import JsonObject

# Index scim_change_version_unique (tenant_id, resource_id, version): one resource's versions, newest first.
CHANGES: Final = """
SELECT version, kind, members IS NOT NULL, dispatched_at, feed_seq FROM scim_change
WHERE tenant_id = %s AND resource_id = %s AND request_id = %s AND at BETWEEN %s AND %s ORDER BY version DESC LIMIT 10
"""
# Index scim_hold_listed (tenant_id, state, held_at, id): what was held back at that time.
HOLDS: Final = """
SELECT kind, state, settled_at FROM scim_hold
WHERE tenant_id = %s AND state = ANY ('{held,released,undone}'::text[]) AND held_at BETWEEN %s AND %s
  AND resource_id = %s AND request_id = %s
"""
# The same index: the newest version that was there when the request came.
BEFORE: Final = """
SELECT after FROM scim_change WHERE tenant_id = %s AND resource_id = %s AND at <= %s ORDER BY version DESC LIMIT 1
"""
SLACK: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Written:
    """A version that the request made. `told_at` is when the feed numbered it."""

    version: int
    kind: str
    has_members: bool
    told_at: datetime | None
    number: int | None


@dataclass(frozen=True)
class HeldBack:
    """That connectors were not told: what of, and what became of it."""

    kind: str
    state: str
    settled_at: datetime | None


def read_written(*, resource_id: UUID, request_id: str, at: datetime) -> Sequence[Written]:
    """The versions of the resource by that request, the newest first."""
    scope = current_scope()
    values = [scope.tenant_id, resource_id, request_id, at - SLACK, at + SLACK]
    return [Written(*row) for row in scope.execute(CHANGES, values).fetchall()]


def read_held_back(*, resource_id: UUID, request_id: str, at: datetime) -> HeldBack | None:
    """Whether the breaker took hold of it."""
    scope = current_scope()
    found = scope.execute(HOLDS, [scope.tenant_id, at - SLACK, at + SLACK, resource_id, request_id]).fetchone()
    return HeldBack(*found) if found else None


def read_document_before(*, resource_id: UUID, at: datetime) -> JsonObject | None:
    """The resource's document, without a group's members, as it was at that moment; None where it was not there."""
    scope = current_scope()
    found = scope.execute(BEFORE, [scope.tenant_id, resource_id, at]).fetchone()
    return orjson.loads(found[0]) if found and found[0] else None
