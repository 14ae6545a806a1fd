"""The way of one request through the server, step by step, from what the log and the history keep of it.

Steps come in the order of the code, so that one that failed proves those before it and rules out those behind it. What
nothing tells is called not recorded, and never guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from audit.personal import tell_event
from audit.queries import list_events_of_request
from labsninja.kernel.isolation import tenant_scope
from scim.protocol.dialects.tolerances import TOLERANCES
from scim.queries.rereading import Reread, reread_request
from scim.queries.schemas import find_schemas
from scim.queries.trace_steps import BULK, REFUSED, TELLERS, Evidence, Place, State, TraceStep, tell_bulk, tell_unplaced
from scim.store.request_effects import read_document_before, read_held_back, read_written
from scim.store.request_log import RequestRow
from tenants.models import ClientToken

__all__ = ["Evidence", "Place", "State", "TraceStep", "find_failure", "list_steps", "trace_request"]

PLACE: Final = "/scim/v2"
OF_THE_QUERY: Final = {
    **dict.fromkeys(("invalidFilter", "invalidCursor", "expiredCursor", "invalidCount", "sensitive"), Place.PARSING),
    "tooMany": Place.MATCH,
}
OF_VALUES: Final = frozenset({"invalidPath", "noTarget", "mutability", "invalidValue", "invalidVers"})
NO_SCOPE, SUSPENDED = "The token lacks the scope", "The tenant of this token is suspended"
BY_STATUS: Final = {
    401: Place.AUTHENTICATION,
    403: Place.PARSING,  # an address that is closed to this SCIM client; of scopes see find_failure
    405: Place.PARSING,
    409: Place.VALIDATION,
    412: Place.MATCH,
    413: Place.PARSING,
    415: Place.PARSING,
    429: Place.RATE_LIMIT,
    501: Place.MATCH,
}
NOT_FOUND: Final = 404


def trace_request(*, row: RequestRow) -> Sequence[TraceStep]:
    """The steps of a SCIM request of the bound tenant; none of a request to another place."""
    return list_steps(evidence=_gather(row)) if row.path.startswith(f"{PLACE}/") else []


def list_steps(*, evidence: Evidence) -> Sequence[TraceStep]:
    """The steps that the evidence supports."""
    failed = find_failure(row=evidence.row, reread=evidence.reread)
    return [_tell(evidence, place, failed) for place in Place]


def find_failure(*, row: RequestRow, reread: Reread) -> Place | None:
    """Where the request was refused; None where it was not, or where nothing tells."""
    if row.status != REFUSED:
        if row.detail.startswith((NO_SCOPE, SUSPENDED)):
            return Place.SCOPE if row.detail.startswith(NO_SCOPE) else Place.AUTHENTICATION
        if row.status == NOT_FOUND:
            return Place.MATCH if row.resource_id else Place.PARSING
        return BY_STATUS.get(row.status)
    return _find_in_bad_request(row, reread)


def _find_in_bad_request(row: RequestRow, reread: Reread) -> Place | None:
    """Of a 400: by the words of the refusal, or by reading the same body again, or by what only one step refuses."""
    if any(row.detail.startswith(f"{rule.sentence}: ") for rule in TOLERANCES.values()):
        return Place.DIALECT
    known = {reread.value_error: Place.VALIDATION, reread.syntax_error: Place.PARSING}
    if row.detail and row.detail in known:
        return known[row.detail]
    if row.request_body:
        return Place.VALIDATION if reread.is_whole and row.scim_type in OF_VALUES else None
    return OF_THE_QUERY.get(row.scim_type)


def _tell(evidence: Evidence, place: Place, failed: Place | None) -> TraceStep:
    row, order = evidence.row, list(Place)
    if place is failed:
        reason = f" ({evidence.reason})" if evidence.reason else ""
        applied = evidence.reread.applied if place is Place.DIALECT else ()
        return TraceStep(place, State.FAILED, f"{row.detail or f'Answered {row.status}.'}{reason}", applied)
    if failed is Place.DIALECT and place is Place.MATCH and row.resource_id:
        return TraceStep(place, State.UNKNOWN, "Rules are applied before and after it: where it ended is not kept.")
    if failed is not None and order.index(place) > order.index(failed):
        return TraceStep(place, State.SKIPPED, "The request had ended before.")
    if failed is None and row.status >= REFUSED and place is not Place.AUTHENTICATION:
        return tell_unplaced(evidence, place)
    if row.path.endswith(BULK) and order.index(place) >= order.index(Place.DIALECT):
        return tell_bulk(place)
    return TELLERS[place](evidence)


def _gather(row: RequestRow) -> Evidence:
    resource_id = _read_id(row.resource_id)
    asked: dict[str, Any] = {"resource_id": resource_id, "request_id": row.request_id, "at": row.at}
    kinds = {kind.name: kind for kind in find_schemas().resource_types}
    with tenant_scope():
        written = read_written(**asked) if resource_id and row.request_id else ()
        held = read_held_back(**asked) if resource_id and row.request_id else None
        named = ClientToken.objects.filter(scim_client_id=row.scim_client_id, prefix=row.token_prefix)
        scopes = named.values_list("scopes", flat=True).first() if row.token_prefix and row.scim_client_id else None
        before = _find_document(row, resource_id) if resource_id else None
    events = list_events_of_request(request_id=row.request_id) if row.request_id else ()
    return Evidence(
        row,
        scopes or (),
        written,
        held,
        bool(events),
        next((reason for event in events if (reason := _read_reason(tell_event(event)))), ""),
        reread_request(row=row, resource_type=kinds.get(row.resource_type), before=before),
    )


def _find_document(row: RequestRow, resource_id: UUID) -> Mapping[str, Any] | None:
    """What the resource was when the request came, where reading the request again wants it."""
    if row.method not in {"PUT", "PATCH"} or not (row.warnings or row.status == REFUSED):
        return None
    return read_document_before(resource_id=resource_id, at=row.at)


def _read_reason(told: Mapping[str, Any]) -> str:
    return str(told["details"].get("reason", ""))


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
