"""The breaker on the path of a write: people who leave are counted, and above the tenant's thresholds held back.

Nothing here waits for an answer: the statements travel with the write, and PostgreSQL decides. Who is being counted
stands in line for the tenant's row of scim_breaker until the writer before has committed, so that the count is exact
whatever happens at the same time; the line is taken last, so it lasts no longer than a commit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import uuid_utils.compat

from labsninja.kernel.isolation import current_scope

# Primary key (tenant_id). It changes nothing: only the lock is wanted.
STAND_IN_LINE: Final = """
INSERT INTO scim_breaker (tenant_id) VALUES (%(tenant)s)
ON CONFLICT (tenant_id) DO UPDATE SET active = scim_breaker.active
"""
# Primary key (tenant_id, minute).
COUNT: Final = """
INSERT INTO scim_departure AS d (tenant_id, minute, number)
VALUES (%(tenant)s, date_trunc('minute', %(at)s::timestamptz), 1)
ON CONFLICT (tenant_id, minute) DO UPDATE SET number = d.number + 1
"""
# As many rows as the window has minutes, by the primary key.
RECENT: Final = """
(SELECT coalesce(sum(d.number), 0) FROM scim_departure d WHERE d.tenant_id = %(tenant)s
 AND d.minute > %(at)s::timestamptz - make_interval(mins => t.breaker_minutes))
"""
# How many were active when the window began. All of them are counted, once in a window in which many leave.
COUNT_ACTIVE: Final = f"""
UPDATE scim_breaker b SET counted_at = %(at)s, active = {RECENT} + (
    SELECT count(*) FROM scim_resource r WHERE r.tenant_id = %(tenant)s AND r.resource_type = 'User'
    AND r.deleted_at IS NULL AND r.active IS NOT FALSE
)
FROM tenants_tenant t
WHERE t.id = %(tenant)s AND b.tenant_id = %(tenant)s AND t.breaker_on AND {RECENT} > t.breaker_count
  AND coalesce(b.counted_at, '-infinity') <= %(at)s::timestamptz - make_interval(mins => t.breaker_minutes)
"""  # noqa: S608  # put together from our own texts alone
# Who is held back already stays so: the last thing that happened to them is what is released or undone.
HOLD: Final = f"""
INSERT INTO scim_hold AS h (tenant_id, id, resource_id, kind, version, was_active, scim_client_id, request_id, held_at)
SELECT %(tenant)s, %(hold)s, %(resource)s, %(kind)s, %(version)s, %(was_active)s, %(client)s, %(request)s, %(at)s
FROM tenants_tenant t LEFT JOIN scim_breaker b ON b.tenant_id = %(tenant)s
WHERE t.id = %(tenant)s AND (
    (t.breaker_on AND {RECENT} > t.breaker_count AND {RECENT} * 100 > t.breaker_percent * b.active)
    OR EXISTS (
        SELECT FROM scim_hold o
        WHERE o.tenant_id = %(tenant)s AND o.resource_id = %(resource)s AND o.state = 'held'
    )
)
ON CONFLICT (tenant_id, resource_id) WHERE state = 'held'
DO UPDATE SET kind = excluded.kind, version = excluded.version, request_id = excluded.request_id
"""  # noqa: S608  # put together from our own texts alone
# Index scim_hold_open (tenant_id, resource_id).
SETTLE: Final = """
UPDATE scim_hold SET state = 'undone', settled_at = %(at)s, settled_by = %(by)s
WHERE tenant_id = %(tenant)s AND resource_id = %(resource)s AND state = 'held'
"""


@dataclass(frozen=True)
class Departure:
    """Somebody whom a SCIM client deactivated or deleted; `was_active` is whether they were before."""

    resource_id: UUID
    kind: str
    version: int
    was_active: bool
    scim_client_id: UUID | None
    request_id: str
    at: datetime


def count_departure(departure: Departure) -> None:
    """Count it, and hold it back where too many have left. Call it last in the transaction."""
    scope = current_scope()
    params = {
        "tenant": scope.tenant_id,
        "hold": uuid_utils.compat.uuid7(),
        "resource": departure.resource_id,
        "kind": departure.kind,
        "version": departure.version,
        "was_active": departure.was_active,
        "client": departure.scim_client_id,
        "request": departure.request_id,
        "at": departure.at,
    }
    counted = (STAND_IN_LINE, COUNT, COUNT_ACTIVE) if departure.was_active else ()
    for statement in (*counted, HOLD):
        scope.execute(statement, params)


def settle_return(*, resource_id: UUID, at: datetime, by: str) -> None:
    """Whoever is back is held back no longer."""
    scope = current_scope()
    scope.execute(SETTLE, {"tenant": scope.tenant_id, "resource": resource_id, "at": at, "by": by})
