"""The one transaction of an act on an account: the realm's tables and the deployment's own audit log.

Signing in comes before any tenant, so what it leaves behind stands in the deployment's log; what somebody does in a
tenant stands in that tenant's.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

from audit.actions import Action, Outcome
from audit.actors import Actor, Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, Scope, cross_tenant, tenant_context, tenant_scope
from labsninja.kernel.isolation.context import is_cross_tenant
from tenants.realms import Realm


@contextmanager
def open_account_scope(*, realm: Realm, origin: Origin, reason: str) -> Iterator[Scope]:
    """A scope of the deployment's tenant, on the role that may touch the realm's tables. `reason` is what the audit
    keeps for a stay on the platform role.
    """
    with ExitStack() as stack:
        if realm.is_platform and not is_cross_tenant():
            stack.enter_context(cross_tenant(reason=reason, actor=origin))
        stack.enter_context(tenant_context(DEPLOYMENT_TENANT_ID))
        yield stack.enter_context(tenant_scope())


def record_act(
    *,
    action: Action,
    person: Any,
    origin: Origin,
    outcome: Outcome = Outcome.DONE,
    details: Mapping[str, Any] | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Append the event of an act on `person`'s account within the open scope."""
    target = Target(type(person).__name__, str(person.id), person.email)
    event = Event(action, target, outcome=outcome, changes=changes, details=details or {})
    record_event(event=event, origin=origin)


def make_actor(*, realm: Realm, person: Any) -> Actor:
    """`person` as an event names who acted."""
    return Actor(realm.actor, id=str(person.id), label=person.email)


def parse_id(*, text: str) -> UUID | None:
    """The id that an address or a form names; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
