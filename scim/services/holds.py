"""What operators do with people who are held back: release them to the connectors, or bring them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from uuid import UUID

from audit.actions import Action, Outcome
from audit.actors import Origin, system_origin
from audit.notices import Kind
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError
from scim.queries import NoSuchResourceError, find_present_schemas
from scim.services.resources import patch_resource
from scim.services.rounds import Rounds
from scim.services.trash import restore_resource
from scim.services.writes import Writing
from scim.store.holds import forget_departures, list_open_holds, lock_hold, settle_holds, take_untold
from tenants.models import Role
from tenants.queries import get_tenant
from tenants.realms import CONSOLE
from tenants.services.notifications import queue_for_members
from tenants.services.roles import check_role

ROUND = timedelta(seconds=15)
MOST_SECONDS = 20.0  # of one request: what is left is told, and undone by the next
MOST_LISTED = 1_000  # people whom an event names; it always tells how many there were
KEPT = timedelta(days=2)  # longer than the longest window


@dataclass(frozen=True)
class Undone:
    """How many are back, who could not come and why, and how many are left for another go."""

    number: int
    refused: Sequence[tuple[str, str]] = field(default_factory=tuple)
    left: int = 0


def release_holds(*, hold_ids: Collection[UUID] | None, origin: Origin) -> int:
    """Let connectors have what is held back: of these, or of all when None; gives of how many.

    Whoever releases all says that it was meant: people who leave are counted from the beginning. Raises
    RoleRefusedError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        found = list_open_holds(hold_ids=hold_ids)
        released = settle_holds(hold_ids=found, state="released", at=origin.at, by=origin.actor.label)
        if hold_ids is None:
            forget_departures(before=origin.at)
        if released:
            _record(Action.HOLDS_RELEASED, released, origin)
    return len(released)


def undo_holds(*, hold_ids: Collection[UUID] | None, origin: Origin, seconds: float = MOST_SECONDS) -> Undone:
    """Bring back those who are held, or all when None: restored, and active where they were. Each is a transaction of
    its own, so that one whose name is taken again does not keep the others away. Raises RoleRefusedError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        waiting = list_open_holds(hold_ids=hold_ids)
    ends, back, refused = monotonic() + seconds, list[UUID](), list[tuple[str, str]]()
    while waiting and monotonic() < ends:
        name, outcome = _undo(waiting.pop(0), origin)
        if isinstance(outcome, UUID):
            back.append(outcome)
        elif outcome is not None:
            refused.append((name, outcome.detail))
    if back:
        with tenant_scope():
            _record(Action.HOLDS_UNDONE, back, origin)
    return Undone(len(back), refused, len(waiting))


def _undo(hold_id: UUID, origin: Origin) -> tuple[str, UUID | ScimError | None]:
    """Whom it was about, and the id of who is back, or why not; None where somebody else settled it meanwhile."""
    name = ""
    try:
        with tenant_scope():
            hold = lock_hold(hold_id=hold_id)
            if hold is None:
                return name, None
            name = hold.name or str(hold.resource_id)
            if hold.is_deleted:
                restore_resource(resource_id=hold.resource_id, origin=origin)
            if hold.was_active:
                _activate(hold.resource_id, origin)
            settle_holds(hold_ids=[hold_id], state="undone", at=origin.at, by=origin.actor.label)
            return name, hold.resource_id
    except ScimError as error:
        return name, error


def _activate(resource_id: UUID, origin: Origin) -> None:
    user = find_present_schemas().resource_type("User")
    if user is None:
        raise NoSuchResourceError
    operation = {"op": "replace", "path": "active", "value": True}
    body = {"schemas": [urns.PATCH_OP], "Operations": [operation]}
    patch_resource(resource_id=resource_id, body=body, writing=Writing(user, origin, Reading()))


def tell_of_holds(*, origin: Origin) -> int:
    """Record who was newly held back in the bound tenant, and tell whoever can decide, by e-mail once until all is
    settled; gives how many they are.
    """
    with tenant_scope():
        forget_departures(before=origin.at - KEPT)
        untold = take_untold(at=origin.at)
        if untold is None:
            return 0
        number = len(untold.resource_ids)
        _record(Action.PEOPLE_HELD, untold.resource_ids, origin)
        if not untold.goes_on:
            told = {"tenant": get_tenant(tenant_id=current_tenant()).name}
            roles, key = (Role.OWNER, Role.ADMIN), f"held:{untold.key}"
            queue_for_members(realm=CONSOLE, roles=roles, kind=Kind.PEOPLE_HELD, key=key, details=told)
    return number


def _record(action: Action, resource_ids: Collection[UUID], origin: Origin) -> None:
    tenant = get_tenant(tenant_id=current_tenant())
    listed = [str(one) for one in resource_ids][:MOST_LISTED]
    details = {"number": len(resource_ids)}
    event = Event(
        action,
        Target("Tenant", str(tenant.id), tenant.slug),
        Outcome.DONE,
        [{"path": "held", "after": listed}],
        details,
    )
    record_event(event=event, origin=origin)


class HoldsAttendant:
    """Goes through all active tenants four times a minute."""

    def __init__(self) -> None:
        self._rounds = Rounds(every=ROUND)

    def tell_some(self) -> int:
        """Look after tenants for some seconds at most. Gives how many people were newly held back."""
        return sum(tell_of_holds(origin=system_origin("ledger")) for _tenant_id in self._rounds.take_some())
