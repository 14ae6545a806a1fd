"""A stream as it is kept: what is to be sent where, how far that has come, and what is in its way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from labsninja.kernel.isolation import Scope
from labsninja.kernel.secrets import decrypt_secret, encrypt_secret

PLACE = {"table": "audit_stream", "column": "sealed"}
# With what lies before each stream: how many events or checkpoints, and the time of the first of them.
LIST = """
SELECT s.id, kind, form, place, state, next, failures, next_attempt_at, last_error, last_sent_at, s.created_at,
       coalesce(waiting.number, 0), waiting.since, clock_timestamp()
FROM audit_stream s LEFT JOIN LATERAL (
    SELECT head.size - s.next, (
        SELECT event_at FROM audit_leaf l WHERE l.tenant_id = s.tenant_id AND l.leaf_index = s.next
    ) FROM (SELECT size FROM audit_checkpoint c WHERE c.tenant_id = s.tenant_id ORDER BY size DESC LIMIT 1) AS head
    WHERE s.kind <> 'checkpoints' AND head.size > s.next
    UNION ALL
    SELECT count(*), min(signed_at) FROM audit_checkpoint c
    WHERE s.kind = 'checkpoints' AND c.tenant_id = s.tenant_id AND c.size > s.next HAVING count(*) > 0
) AS waiting (number, since) ON true
WHERE s.tenant_id = %(tenant)s ORDER BY s.created_at, s.id
"""
SEALED = "SELECT sealed FROM audit_stream WHERE tenant_id = %s AND id = %s"


class Kind(StrEnum):
    """What a stream sends: every event, signed checkpoints, or those events alone that somebody has to act on."""

    EVENTS = "events"
    CHECKPOINTS = "checkpoints"
    NOTICES = "notices"


class State(StrEnum):
    """Whether a stream sends: paused by a person, stopped by an answer that no repetition changes."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Destination:
    """What only who sends may know. The first secret is the newest; all of them sign."""

    url: str
    secrets: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)

    def seal(self, tenant_id: UUID, stream_id: UUID) -> bytes:
        """The destination, to be opened in this row alone."""
        plain = json.dumps({"url": self.url, "secrets": [*self.secrets], "headers": self.headers}).encode()
        return encrypt_secret(tenant_id=tenant_id, **PLACE, row=stream_id, plaintext=plain)


@dataclass(frozen=True)
class Stream:
    """`place` is the part of the URL that everybody may see. `waiting` events or checkpoints are not sent yet, the
    oldest for `lag_seconds`.
    """

    id: UUID
    kind: str
    form: str
    place: str
    state: str
    next: int
    failures: int
    next_attempt_at: datetime
    last_error: str
    last_sent_at: datetime | None
    created_at: datetime
    waiting: int
    lag_seconds: float


def read_streams(*, scope: Scope) -> list[Stream]:
    """The streams of the open scope's tenant, the oldest first."""
    found = scope.execute(LIST, {"tenant": scope.tenant_id}).fetchall()
    return [Stream(*row[:12], *[_lag(*row[12:])]) for row in found]


def open_destination(*, scope: Scope, stream_id: UUID) -> Destination:
    """Raises SecretError."""
    sealed = scope.execute(SEALED, [scope.tenant_id, stream_id]).fetchone()[0]
    plain = decrypt_secret(tenant_id=scope.tenant_id, **PLACE, row=stream_id, ciphertext=bytes(sealed))
    told: dict[str, Any] = json.loads(plain)
    return Destination(told["url"], told["secrets"], told["headers"])


def _lag(since: datetime | None, now: datetime) -> float:
    return max(0.0, round((now - since).total_seconds(), 1)) if since else 0.0
