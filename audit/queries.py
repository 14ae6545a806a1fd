"""Reading the audit history: plain rows, complete when the scope closes, with the personal values that still open."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connections

from audit.actions import Action
from audit.models import AuditEvent
from audit.personal import open_events
from labsninja.kernel.isolation import tenant_scope

LATE_SECONDS: Final = 30
# By the unique constraint (tenant_id, event_id). What has no leaf is of the last hours.
LEAF_TIME: Final = "SELECT event_at FROM audit_leaf WHERE tenant_id = %s AND event_id = %s"
UNSEALED: Final = timedelta(hours=12)
EPOCH, LAST_MS = datetime(1970, 1, 1, tzinfo=UTC) + UNSEALED, 8 * 10**13  # within what a time can be
# The ledger tells every second that it lives, and since when the first event waits to be sealed.
SEAL_LAG: Final = """
SELECT extract(epoch FROM clock_timestamp() - least(beat_at, coalesce(oldest_at, beat_at)))::float FROM audit_sealing
"""


def list_events(*, newest: int) -> Sequence[AuditEvent]:
    """The `newest` events of the bound tenant, oldest first."""
    with tenant_scope():
        found = list(AuditEvent.objects.order_by("-at", "-id")[:newest])
        open_events(found)
    return found[::-1]


def find_event(*, event_id: UUID) -> AuditEvent | None:
    """One event of the bound tenant. An id tells about when it was made, and a leaf exactly when the event was, so that
    one partition is looked into.
    """
    made_at = EPOCH + timedelta(milliseconds=min(event_id.int >> 80, LAST_MS))
    with tenant_scope() as scope:
        leaf = scope.execute(LEAF_TIME, [scope.tenant_id, event_id]).fetchone()
        first, last = (leaf[0], leaf[0]) if leaf else (made_at - 2 * UNSEALED, made_at)
        found: AuditEvent | None = AuditEvent.objects.filter(id=event_id, at__gte=first, at__lte=last).first()
        open_events([found] if found else [])
    return found


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


def list_events_by_action(*, actions: Collection[Action], since: datetime, most: int) -> Sequence[AuditEvent]:
    """The newest events of these actions, oldest first: read by the index of actions."""
    with tenant_scope():
        found = list(AuditEvent.objects.filter(action__in=actions, at__gte=since).order_by("-at", "-id")[:most])
        open_events(found)
    return found[::-1]


def measure_seal_lag() -> float:
    """For how many seconds at most an event of the deployment has been waiting for its proof. Raises django.db's
    DatabaseError.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(SEAL_LAG)
        return round(float(cursor.fetchone()[0]), 1)


@dataclass(frozen=True)
class ToldActor:
    """Who acted, as events tell it: a kind of audit.actors.ActorKind, and the name that they had then."""

    kind: str
    label: str


def list_actors(*, target_id: UUID | str, times: Iterable[datetime]) -> Mapping[datetime, ToldActor]:
    """Who acted on a target, by the moments at which it was. Index audit_event_target_idx."""
    wanted = sorted(set(times))
    if not wanted:
        return {}
    with tenant_scope():
        held = AuditEvent.objects.filter(target_id=str(target_id), at__range=(wanted[0], wanted[-1]), at__in=wanted)
        return {at: ToldActor(kind, label) for at, kind, label in held.values_list("at", "actor_kind", "actor_label")}
