"""The request inspector: what identity providers sent and got, newest first, and one with all there is to it."""

import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.personal import tell_event
from audit.presenters import describe_event
from audit.queries import list_events_of_request
from labsninja.kernel.edge import public_base_url
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import status_of
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.forms import METHODS, OUTCOMES
from portal.console.live import draw_live
from portal.console.request_search import HELP, POSITION, RequestSearch, read_search
from portal.shared.summaries import explain_warning, summarize_request
from scim.queries.requests import (
    PAGE_SIZE,
    LogPosition,
    RequestPage,
    RequestRow,
    SearchTooSlowError,
    find_request,
    list_related,
    list_requests,
)
from scim.queries.traces import trace_request
from scim.services.trials import find_obstacle, replay_request
from tenants import TenantsError
from tenants.queries import list_client_uses

TOO_SLOW: Final = "This search takes too long. Narrow it by a time, as in from:2026-11-01, or by a SCIM client."


@require_safe
@member_page()
def requests(request: RealmRequest) -> HttpResponse:
    """A page of them. The search stands in the address, so that it can be shared; `from` is where the page begins."""
    search = read_search(request.GET)
    page, error = _read_page(request, search)
    names: dict[UUID | None, str] = {use.client.id: use.client.name for use in list_client_uses()}
    rows = [(row, names.get(row.scim_client_id), summarize_request(row=row)) for row in page.rows] if page else []
    context: dict[str, Any] = {
        "search": search,
        "error": error,
        "help": HELP,
        "rows": rows,
        "names": names,
        "methods": METHODS,
        "outcomes": OUTCOMES,
        "older": search.link(**{POSITION: _tell_position(page.position)}) if page and page.position else "",
        "until": page.position.at if page and page.position and len(page.rows) < PAGE_SIZE else None,
        "is_first": POSITION not in request.GET,
        "keep_days": settings.LABSNINJA_REQUEST_LOG_RETENTION_DAYS,
    }
    if page is None or not context["is_first"]:
        return draw_for_member(request, "console/requests", status=422 if page is None else 200, **context)
    return draw_live(request, "console/requests", "console/_requests", **context)


@require_safe
@member_page()
def request_detail(request: RealmRequest, request_id: UUID) -> HttpResponse:
    return draw_for_member(request, "console/request", **_describe(request, _find(request_id)))


@require_POST
@member_page()
def replayed(request: RealmRequest, request_id: UUID) -> HttpResponse:
    """The same page with what would happen today: the request once more, and undone."""
    row, status, told = _find(request_id), 200, dict[str, Any]()
    try:
        trial = replay_request(row=row, base_url=public_base_url(request), origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
        status = status_of(error)
    else:
        told = {"trial": trial, "trial_body": _pretty(trial.body)}
    return draw_for_member(request, "console/request", status=status, **_describe(request, row), **told)


def _find(request_id: UUID) -> RequestRow:
    """Raises Http404."""
    row = find_request(request_id=request_id)
    if row is None:
        raise Http404
    return row


def _describe(request: RealmRequest, row: RequestRow) -> dict[str, Any]:
    events = list_events_of_request(request_id=row.request_id)
    names: dict[UUID | None, str] = {use.client.id: use.client.name for use in list_client_uses()}
    before, after = list_related(row=row)
    return {
        "row": row,
        "link": f"{public_base_url(request)}{reverse('console:request', args=[row.id])}",
        "client_name": names.get(row.scim_client_id),
        "summary": summarize_request(row=row),
        "bodies": [
            ("request-body", "Request, without secrets", _pretty(row.request_body), row.request_body),
            ("response-body", "Answer", _pretty(row.response_body), row.response_body),
        ],
        "curl": _as_curl(public_base_url(request), row),
        "obstacle": find_obstacle(row=row),
        "warnings": [(code, explain_warning(code=code)) for code in row.warnings],
        "events": [(event, describe_event(event)) for event in events],
        "changes": [change for event in events for change in tell_event(event)["changes"]],
        "steps": trace_request(row=row),
        "related": [
            *((other, summarize_request(row=other)) for other in after),
            *([(row, "")] if before or after else []),
            *((other, summarize_request(row=other)) for other in before),
        ],
    }


def _read_page(request: RealmRequest, search: RequestSearch) -> tuple[RequestPage | None, str]:
    """The page, or what is wrong with the search."""
    if search.wanted is None:
        return None, search.error or "One of the fields cannot be read."
    try:
        return list_requests(wanted=search.wanted, position=_read_position(request)), ""
    except SearchTooSlowError:
        return None, TOO_SLOW


def _read_position(request: RealmRequest) -> LogPosition | None:
    """Where the page begins; what is none begins at the newest."""
    at, _, row_id = request.GET.get(POSITION, "").partition(" ")
    try:
        return LogPosition(datetime.fromisoformat(at), UUID(row_id))
    except ValueError:
        return None


def _tell_position(position: LogPosition) -> str:
    return f"{position.at.isoformat()} {position.id}"


def _pretty(body: str) -> str:
    """As JSON for people; what is none, as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False) if body else ""
    except ValueError:
        return body


def _as_curl(base: str, row: Any) -> str:
    """The request to repeat by hand, with a placeholder where the token stood."""
    query = f"?{urlencode(dict(pair.partition('=')[::2] for pair in row.query.split('&')))}" if row.query else ""
    lines = [f"curl -X {row.method} '{base}{row.path}{query}'", "  -H 'Authorization: Bearer $TOKEN'"]
    if row.request_body:
        quoted = row.request_body.replace("'", "'\\''")
        lines += ["  -H 'Content-Type: application/scim+json'", f"  -d '{quoted}'"]
    return " \\\n".join(lines)
