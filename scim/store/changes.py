"""The change row of a version step: history, and the outbox from which the feed is made."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import uuid_utils.compat

from labsninja.kernel.isolation import current_scope

INSERT = """
INSERT INTO scim_change (tenant_id, id, resource_id, resource_type, version, kind, at, actor_id, request_id, before,
                         after, members)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Step:
    """One version step: documents as JSON text, None where the resource did not exist."""

    resource_id: UUID
    resource_type: str
    version: int
    kind: str
    at: datetime
    before: str | None
    after: str | None
    members: str | None = None


def append_change(step: Step, *, actor_id: str, request_id: str) -> None:
    """Record `step` in the transaction of the write it tells of."""
    scope = current_scope()
    documents = [step.before, step.after, step.members]
    row = [step.resource_id, step.resource_type, step.version, step.kind, step.at, actor_id, request_id, *documents]
    scope.execute(INSERT, [scope.tenant_id, uuid_utils.compat.uuid7(), *row])
