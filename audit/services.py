"""Appending events: always in the transaction of what they tell of, so that there is no event without change or
change without event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785
import uuid_utils.compat

from audit.actions import Action, Outcome
from audit.actors import Origin, system_origin
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, current_scope, tenant_context, tenant_scope
from labsninja.kernel.isolation.context import CrossTenant

APPEND = """
INSERT INTO audit_event (tenant_id, id, at, action, outcome, actor_kind, actor_id, actor_label, token_prefix, surface,
                         address, user_agent, target_type, target_id, target_display, request_id, canonical)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
LONGEST_TEXT = 1024
LARGEST_EXACT = 2**53 - 1  # RFC 8785 knows no larger whole number


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
    """

    action: Action
    target: Target
    outcome: Outcome = Outcome.DONE
    changes: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def record_event(*, event: Event, origin: Origin) -> None:
    """Append `event` within the open scope. Raises OutsideScopeError when none is open."""
    scope, actor = current_scope(), origin.actor
    event_id = uuid_utils.compat.uuid7()
    searched = (
        *(event.action, event.outcome, actor.kind, actor.id, actor.label, actor.token_prefix, origin.surface),
        *(
            origin.address,
            origin.user_agent,
            event.target.type,
            event.target.id,
            event.target.display,
            origin.request_id,
        ),
    )
    columns = [str(value)[:LONGEST_TEXT] for value in searched]
    canonical = canonicalize_event(event=event, origin=origin, tenant_id=str(scope.tenant_id), event_id=str(event_id))
    scope.execute(APPEND, [scope.tenant_id, event_id, origin.at, *columns, canonical])


def canonicalize_event(*, event: Event, origin: Origin, tenant_id: str, event_id: str) -> str:
    """The event as RFC 8785 JSON: the same event gives the same bytes anywhere, which is what a proof needs."""
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
    try:
        return rfc8785.dumps(whole).decode()
    except rfc8785.IntegerDomainError:
        return rfc8785.dumps(_spell_large_numbers(whole)).decode()


def _spell_large_numbers(value: Any) -> Any:
    """The value with whole numbers beyond 53 bits as text, as RFC 8785 wants them: it has no other form."""
    if isinstance(value, dict):
        return {name: _spell_large_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spell_large_numbers(inner) for inner in value]
    return str(value) if isinstance(value, int) and abs(value) > LARGEST_EXACT else value


def record_cross_tenant(*, stay: CrossTenant) -> None:
    """Append the event of a stay on the platform role to the deployment's own log."""
    origin = stay.actor if isinstance(stay.actor, Origin) else system_origin("platform")
    event = Event(
        Action.PLATFORM_ENTERED, Target("deployment", str(DEPLOYMENT_TENANT_ID)), details={"reason": stay.reason}
    )
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope():
        record_event(event=event, origin=origin)
