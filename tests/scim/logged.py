"""Requests as they stand in the log, without sending them: for tests of what is told from counts and times."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context
from scim.services.request_entries import RequestEntry
from scim.services.request_log import write_requests
from tenants.models import ScimClient


def make_entry(
    client: ScimClient, *, at: datetime, status: int = 200, ms: float = 4, scim_type: str = "", detail: str = ""
) -> RequestEntry:
    """A request of the client."""
    return RequestEntry(
        at=at,
        tenant_id=client.tenant_id,
        request_id="r",
        method="POST",
        path="/scim/v2/Users",
        status=status,
        duration_us=round(ms * 1000),
        scim_client_id=client.id,
        scim_type=scim_type,
        detail=detail,
    )


def log_requests(client: ScimClient, *statuses: int, at: datetime | None = None, **values: Any) -> None:
    """Write requests with these statuses, all at one moment."""
    moment = at or datetime.now(UTC)
    log_entries([make_entry(client, at=moment, status=status, **values) for status in statuses], client.tenant_id)


def log_rhythm(client: ScimClient, *, every: timedelta, since: timedelta, batches: int) -> None:
    """Write batches of three requests within a minute; the newest one began `since` ago."""
    starts = [datetime.now(UTC) - since - every * number for number in range(batches)]
    moments = [start + timedelta(seconds=second) for start in starts for second in (0, 30, 60)]
    log_entries([make_entry(client, at=at) for at in moments], client.tenant_id)


def log_strangers(prefix: str, *, count: int, detail: str = "The token was revoked.") -> None:
    """Write requests that named a token and were refused at the door."""
    now = datetime.now(UTC)
    log_entries(
        [
            RequestEntry(now, DEPLOYMENT_TENANT_ID, "r", "GET", "/scim/v2/Users", 401, 900, token_prefix=prefix,
                         detail=detail)
            for _ in range(count)
        ],
        DEPLOYMENT_TENANT_ID,
    )  # fmt: skip


def log_entries(entries: Sequence[RequestEntry], tenant_id: UUID) -> None:
    """Write them into the tenant's log, as the writer's thread does."""
    with tenant_context(tenant_id):
        write_requests(entries=entries)
