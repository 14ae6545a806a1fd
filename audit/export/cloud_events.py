"""Events and checkpoints in the CloudEvents 1.0 envelope, structured mode: https://cloudevents.io

`id` with `source` names an event for ever: a receiver that has seen them drops what comes again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.reading.contents import Content, tell_content

CONTENT_TYPE = "application/cloudevents-batch+json"
TYPE_PREFIX = "ninja.labs.audit"  # reverse domain, as the specification asks for
CHECKPOINT_TYPE = f"{TYPE_PREFIX}.checkpoint"


def name_source(tenant_id: UUID) -> str:
    """A tenant's history as the origin of events: a URI reference."""
    return f"{settings.LABSNINJA_AUDIT_ORIGIN}/{tenant_id}"


def wrap_event(content: Content, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The envelope of an event around its own form, or around another one of it."""
    return {
        "specversion": "1.0",
        "id": str(content.id),
        "source": name_source(content.tenant_id),
        "type": f"{TYPE_PREFIX}.{content.action}",
        "subject": f"{content.target['type']}/{content.target['id']}",
        "time": content.at.isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "data": data or {**content.as_json(), "sentence": tell_content(content)},
    }


def wrap_checkpoint(*, tenant_id: UUID, size: int, note: str, at: datetime) -> dict[str, Any]:
    """The envelope of a signed checkpoint; what is in `data` is a line that `verify.py --checkpoint` reads."""
    return {
        "specversion": "1.0",
        "id": f"checkpoint-{size}",
        "source": name_source(tenant_id),
        "type": CHECKPOINT_TYPE,
        "subject": str(size),
        "time": at.isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "data": {"at": at.isoformat(), "note": note},
    }
