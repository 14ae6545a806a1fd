"""Appending events: always in the transaction of what they tell of, so that there is no event without change or
change without event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import uuid_utils.compat

from audit.actions import Action, Outcome
from audit.actors import Origin, system_origin
from audit.canonical import write_canonical
from audit.personal import seal_personal, set_apart
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, current_scope, tenant_context, tenant_scope
from labsninja.kernel.isolation.context import CrossTenant

APPEND = """
INSERT INTO audit_event (tenant_id, id, at, action, outcome, actor_kind, actor_id, actor_label, token_prefix, surface,
                         address, user_agent, target_type, target_id, target_display, request_id, canonical,
                         personal)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
LONGEST_TEXT = 1024


@dataclass(frozen=True)
class Target:
    """What was acted on: its type (User, tenant, token ...), id, and the name a person knows it by."""

    type: str
    id: str
    display: str = ""


@dataclass(frozen=True)
class Event:
    """What happened. `changes` are mappings of path, before, after; `details` anything else a reader needs. No
    secrets.

    `of_person`: the target is a person. Its name and most values of its changes then stand under that person's key.
    """

    action: Action
    target: Target
    outcome: Outcome = Outcome.DONE
    changes: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    of_person: bool = False


def record_event(*, event: Event, origin: Origin) -> None:
    """Append `event` within the open scope. Raises OutsideScopeError when none is open."""
    scope, actor = current_scope(), origin.actor
    event_id, digest, sealed = uuid_utils.compat.uuid7(), "", None
    if event.of_person:
        changes, personal = set_apart(display=event.target.display, changes=event.changes)
        event = replace(event, target=replace(event.target, display=""), changes=changes)
        digest = personal.digest
        sealed = seal_personal(personal=personal, subject_id=event.target.id, event_id=event_id)
    searched = (
        *(event.action, event.outcome, actor.kind, actor.id, actor.label, actor.token_prefix, origin.surface),
        *(origin.address, origin.user_agent, event.target.type, event.target.id, event.target.display),
        origin.request_id,
    )
    columns = [str(value)[:LONGEST_TEXT] for value in searched]
    names = {"tenant_id": str(scope.tenant_id), "event_id": str(event_id)}
    canonical = canonicalize_event(event=event, origin=origin, **names, personal=digest)
    scope.execute(APPEND, [scope.tenant_id, event_id, origin.at, *columns, canonical, sealed])


def canonicalize_event(*, event: Event, origin: Origin, tenant_id: str, event_id: str, personal: str = "") -> str:
    """The text that proofs hash. `personal` is the digest of what was set apart from the event."""
    whole: dict[str, Any] = {
        "id": event_id,
        "tenant": tenant_id,
        "at": origin.at.isoformat(timespec="microseconds"),
        "action": str(event.action),
        "outcome": str(event.outcome),
        "actor": {
            "kind": str(origin.actor.kind),
            "id": origin.actor.id,
            "label": origin.actor.label,
            "token": origin.actor.token_prefix,
        },
        "origin": {
            "surface": origin.surface,
            "address": origin.address,
            "userAgent": origin.user_agent,
            "request": origin.request_id,
        },
        "target": {"type": event.target.type, "id": event.target.id, "display": event.target.display},
        "changes": [dict(change) for change in event.changes],
        "details": dict(event.details),
    }
    return write_canonical({**whole, "personal": personal} if personal else whole)


def record_cross_tenant(*, stay: CrossTenant) -> None:
    """Append the event of a stay on the platform role to the deployment's own log."""
    origin = stay.actor if isinstance(stay.actor, Origin) else system_origin("platform")
    event = Event(
        Action.PLATFORM_ENTERED, Target("deployment", str(DEPLOYMENT_TENANT_ID)), details={"reason": stay.reason}
    )
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope():
        record_event(event=event, origin=origin)
