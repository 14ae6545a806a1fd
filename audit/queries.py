"""Reading the audit history: plain rows, complete when the scope closes, with the personal values that still open."""

from collections.abc import Sequence
from uuid import UUID

from audit.models import AuditEvent
from audit.personal import open_events
from labsninja.kernel.isolation import tenant_scope


def list_events(*, newest: int) -> Sequence[AuditEvent]:
    """The `newest` events of the bound tenant, oldest first."""
    with tenant_scope():
        found = list(AuditEvent.objects.order_by("-at", "-id")[:newest])
        open_events(found)
    return found[::-1]


def list_events_of(*, target_id: UUID | str) -> Sequence[AuditEvent]:
    """Events about one target, oldest first."""
    with tenant_scope():
        found = list(AuditEvent.objects.filter(target_id=str(target_id)))
        open_events(found)
    return found


def list_events_of_request(*, request_id: str) -> Sequence[AuditEvent]:
    """Events that one request of the bound tenant left behind, oldest first."""
    with tenant_scope():
        found = list(AuditEvent.objects.filter(request_id=request_id))
        open_events(found)
    return found
