"""What tests of the request log share: rows of a tenant, and entries made by hand."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from audit.models import AuditEvent
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.services.request_entries import RequestEntry
from scim.services.request_log import flush_requests

ROWS = "SELECT to_jsonb(r) FROM scim_request_log r WHERE tenant_id = %s ORDER BY at, id"
WARNINGS = "SELECT code, count FROM scim_client_warning WHERE tenant_id = %s AND scim_client_id = %s ORDER BY code"


def entry(tenant_id: UUID, **values: Any) -> RequestEntry:
    """An entry of now, as of a served GET where nothing else is said."""
    known: dict[str, Any] = {"at": datetime.now(UTC), "request_id": "r1", "method": "GET", "path": "/scim/v2/Users"}
    return RequestEntry(tenant_id=tenant_id, **{**known, "status": 200, "duration_us": 1_500, **values})


def rows_of(tenant_id: UUID) -> list[dict[str, Any]]:
    """The tenant's rows, oldest first, once everything is written."""
    flush_requests()
    with tenant_context(tenant_id), tenant_scope() as scope:
        found = scope.execute(ROWS, [tenant_id]).fetchall()
    return [json.loads(row) if isinstance(row, str) else row for (row,) in found]


def warnings_of(tenant_id: UUID, scim_client_id: UUID) -> dict[str, int]:
    """How often the SCIM client earned each warning."""
    flush_requests()
    with tenant_context(tenant_id), tenant_scope() as scope:
        return dict(scope.execute(WARNINGS, [tenant_id, scim_client_id]).fetchall())


def events_of(tenant_id: UUID, action: str) -> list[AuditEvent]:
    """The tenant's newest events of one action, oldest first."""
    with tenant_context(tenant_id):
        return [event for event in list_events(newest=500) if event.action == action]


def details_of(event: AuditEvent) -> dict[str, Any]:
    details: dict[str, Any] = json.loads(event.canonical)["details"]
    return details
