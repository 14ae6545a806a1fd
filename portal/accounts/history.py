"""What happened to an account, for its owner: from the deployment's audit log, which is where signing in is written."""

from collections.abc import Sequence
from typing import Any

from audit.models import AuditEvent
from audit.presenters import describe_event
from audit.queries import list_events_of
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context

NEWEST = 20


def list_account_events(*, person: Any) -> Sequence[tuple[AuditEvent, str]]:
    """The newest events about the person's account and their sentences, newest first."""
    with tenant_context(DEPLOYMENT_TENANT_ID):
        found = list_events_of(target_id=person.id)
    return [(event, describe_event(event)) for event in reversed(found[-NEWEST:])]
