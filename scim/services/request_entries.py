"""One request as it ended, and the row that the log keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPMethod, HTTPStatus
from typing import Any
from uuid import UUID

import uuid_utils.compat

from scim.redaction import LONGEST_READ_BODY, keep_body, keep_query, keep_text, read_body
from scim.store.request_counts import tell_outcome
from scim.store.request_log import RequestRow

OVERFLOW = "overflow"
ENTRY_BYTES = 1_000  # what an entry takes up besides its bodies, about
NAMES = ("userName", "displayName")


@dataclass(frozen=True)
class RequestEntry:
    """One request. `tenant_id` is the deployment's for a caller without a genuine token.

    `query` is the raw query string, `denied` why a 401 or 403 was given, `warnings` are codes; bodies are as they
    travelled. What must not be stored is taken out when the entry is written.
    """

    at: datetime
    tenant_id: UUID
    request_id: str
    method: str
    path: str
    status: int
    duration_us: int
    query: str = ""
    scim_client_id: UUID | None = None
    client_name: str = ""
    token_prefix: str = ""
    address: str = ""
    user_agent: str = ""
    scim_type: str = ""
    detail: str = ""
    denied: str = ""
    resource_type: str = ""
    resource_id: str = ""
    subject: str = ""
    warnings: tuple[str, ...] = ()
    request_body: bytes = b""
    response_body: bytes = b""
    request_size: int = 0
    response_size: int = 0
    id: UUID = field(default_factory=uuid_utils.compat.uuid7)

    @property
    def weight(self) -> int:
        """About how many bytes it takes up."""
        return ENTRY_BYTES + len(self.request_body) + len(self.response_body)

    @property
    def outcome(self) -> str:
        """done, refused, denied, limited or failed."""
        return tell_outcome(status=self.status)


def prepare_entry(*, entry: RequestEntry) -> RequestEntry:
    """The entry without bodies that are too long to be kept; their sizes stay."""
    sizes = {"request": len(entry.request_body), "response": len(entry.response_body)}
    long: dict[str, Any] = {f"{name}_body": b"" for name, size in sizes.items() if size > LONGEST_READ_BODY}
    known: dict[str, Any] = {f"{name}_size": size for name, size in sizes.items() if size > LONGEST_READ_BODY}
    return replace(entry, **long, **known) if long else entry


def make_row(*, entry: RequestEntry) -> RequestRow:
    """What is stored of an entry: nothing secret, nothing endless."""
    sent, got = read_body(body=entry.request_body), read_body(body=entry.response_body)
    return RequestRow(
        id=entry.id,
        at=entry.at,
        scim_client_id=entry.scim_client_id,
        token_prefix=entry.token_prefix,
        request_id=entry.request_id,
        method=keep_text(text=entry.method, longest=20),
        path=keep_text(text=entry.path),
        query=keep_query(query=entry.query),
        status=entry.status,
        scim_type=entry.scim_type,
        outcome=entry.outcome,
        duration_us=entry.duration_us,
        address=keep_text(text=entry.address, longest=50),
        user_agent=keep_text(text=entry.user_agent, longest=500),
        resource_type=entry.resource_type,
        resource_id=keep_text(text=entry.resource_id or _find_new_id(entry, got), longest=200),
        subject=keep_text(text=entry.subject or _find_name(got) or _find_name(sent), longest=500),
        warnings=entry.warnings,
        request_body=keep_body(body=entry.request_body, read=sent, size=entry.request_size),
        response_body=keep_body(body=entry.response_body, read=got, size=entry.response_size),
        detail=keep_text(text=entry.detail),
    )


def make_overflow_row(*, lost: int) -> RequestRow:
    """The row that tells how many requests could not be kept."""
    entry = RequestEntry(datetime.now(UTC), UUID(int=0), "", "", "", 0, 0, detail=f"{lost} requests were not logged")
    return replace(make_row(entry=entry), outcome=OVERFLOW)


def _find_new_id(entry: RequestEntry, got: Any) -> str:
    is_new = entry.method == HTTPMethod.POST and entry.status == HTTPStatus.CREATED and isinstance(got, Mapping)
    return str(got.get("id", "")) if is_new else ""


def _find_name(document: Any) -> str:
    found = (document.get(name) for name in NAMES) if isinstance(document, Mapping) else ()
    return next((name for name in found if isinstance(name, str)), "")
