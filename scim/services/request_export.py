"""Requests of the log as a file: what a search finds, the newest first, as CSV or lines of JSON, streamed in batches.

The event that an export began is there before its first byte. Bodies are in the lines of JSON alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.files import CSV_TYPE, JSON_LINES_TYPE, FileForm, write_cells, write_line
from labsninja.kernel.isolation import current_tenant, tenant_context, tenant_scope
from scim.queries.requests import LogPosition, RequestFilter, RequestRow, list_requests
from tenants.models import Role, ScimClient
from tenants.services.roles import check_role

BATCH: Final = 200  # rows with two bodies each
MOST_EXPORTED: Final = 100_000
COLUMNS: Final = (
    "time", "client", "method", "path", "query", "status", "outcome", "scimType", "detail", "resourceType",
    "resourceId", "subject", "warnings", "microseconds", "token", "address", "userAgent", "requestId", "id",
)  # fmt: skip
FORMS: Final = {"csv": CSV_TYPE, "jsonl": JSON_LINES_TYPE}


def export_requests(*, wanted: RequestFilter, form: str, asked: str, origin: Origin) -> Iterator[bytes]:
    """The file of a form of FORMS, MOST_EXPORTED requests at most; the bound tenant's also when it is read later.

    `asked` is how the search was put, for the event. Raises RoleRefusedError, KeyError for a form that there is not.
    """
    media_type = FORMS[form]
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        names: dict[UUID | None, str] = dict(ScimClient.objects.values_list("id", "name"))
        target = Target("requests", "requests", f"requests as {form.upper()}")
        details = {"form": form, "query": asked}
        record_event(event=Event(Action.REQUESTS_EXPORTED, target, details=details), origin=origin)
    batches = _walk(current_tenant(), wanted)
    if form == "csv":
        return FileForm(media_type, partial(_write_csv, names), write_cells(COLUMNS)).write_all(batches)
    return FileForm(media_type, partial(_write_json, names)).write_all(batches)


def _walk(tenant_id: UUID, wanted: RequestFilter) -> Iterator[Sequence[RequestRow]]:
    """Each batch in a scope of its own: whoever reads slowly holds no transaction open."""
    position: LogPosition | None = None
    left = MOST_EXPORTED
    while left:
        with tenant_context(tenant_id):
            page = list_requests(wanted=wanted, position=position, limit=min(BATCH, left))
        if page.rows:
            yield page.rows
        position, left = page.position, left - len(page.rows)
        if position is None:
            return


def _tell(names: Mapping[UUID | None, str], row: RequestRow) -> dict[str, Any]:
    """By the names of COLUMNS, in their order."""
    return dict(
        zip(
            COLUMNS,
            (
                row.at.isoformat(timespec="microseconds"),
                names.get(row.scim_client_id, ""),
                *(row.method, row.path, row.query, row.status, row.outcome, row.scim_type, row.detail),
                *(row.resource_type, row.resource_id, row.subject, [*row.warnings]),
                *(row.duration_us, row.token_prefix, row.address, row.user_agent, row.request_id, str(row.id)),
            ),
            strict=True,
        )
    )


def _write_csv(names: Mapping[UUID | None, str], row: RequestRow) -> bytes:
    told = _tell(names, row)
    return write_cells([" ".join(value) if isinstance(value, list) else str(value) for value in told.values()])


def _write_json(names: Mapping[UUID | None, str], row: RequestRow) -> bytes:
    bodies = {"request": _read(row.request_body), "response": _read(row.response_body)}
    return write_line({**_tell(names, row), **bodies})


def _read(body: str) -> Any:
    """What is no JSON (cut off, say) stays text."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body
