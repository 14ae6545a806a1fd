"""What an event says, ready to be read. Whoever shows, exports or sends events gets their content here and nowhere
else, so that what a reader may see is decided in one place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action, Outcome
from audit.models import AuditEvent
from audit.personal import open_events, tell_event
from audit.presenters import make_sentence


@dataclass(frozen=True)
class Content:
    """One event. `actor` has kind, id, label, token; `origin` surface, address, userAgent, request; `target` type, id,
    display. `changes` have path and before or after.
    """

    id: UUID
    tenant_id: UUID
    at: datetime
    action: str
    outcome: str
    actor: Mapping[str, str]
    origin: Mapping[str, str]
    target: Mapping[str, str]
    changes: Sequence[Mapping[str, Any]]
    details: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The members of the canonical text."""
        return {
            "id": str(self.id),
            "tenant": str(self.tenant_id),
            "at": self.at.isoformat(timespec="microseconds"),
            "action": self.action,
            "outcome": self.outcome,
            "actor": dict(self.actor),
            "origin": dict(self.origin),
            "target": dict(self.target),
            "changes": [*self.changes],
            "details": dict(self.details),
        }


def read_contents(events: Sequence[AuditEvent]) -> list[Content]:
    """What each of these events of one tenant says, in their order, with the personal values that still open. Call it
    within the scope that read them.
    """
    open_events(events)
    return [_read(event) for event in events]


def tell_content(content: Content) -> str:
    """The event as a sentence."""
    actor, target = content.actor, content.target
    return make_sentence(
        action=Action(content.action),
        outcome=Outcome(content.outcome),
        actor=actor["label"] or actor["kind"],
        target=target["display"] or target["id"],
        target_type=target["type"],
        details=content.details,
    )


def _read(event: AuditEvent) -> Content:
    told = tell_event(event)
    parts = (told["actor"], told["origin"], told["target"], told["changes"], told["details"])
    return Content(event.id, event.tenant_id, event.at, event.action, event.outcome, *parts)
