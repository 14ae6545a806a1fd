"""A request of the log sent once more as a dry run: what would happen today, and nothing that stays.

It goes through the same views as on the wire, found by its address, in one transaction that is rolled back: resource,
version, changes and audit events are gone with it. What stays is one event that tells who tried what (ADR 31).
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NoReturn
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve

from audit.actions import Action
from audit.actors import Actor, ActorKind, Origin
from audit.personal import tell_event
from audit.queries import list_events_of_request
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from scim.protocol.json_input import JsonObject
from scim.redaction import HIDDEN
from scim.store.request_log import RequestRow
from tenants import TenantsError
from tenants.models import Role, ScimClient
from tenants.services.authentication import Grant, make_trial_grant
from tenants.services.roles import check_role

PLACE: Final = "/scim/v2"
TRIAL: Final = "labsninja.trial"  # in META, where no header of a client gets: those begin with HTTP_
DROPPED: Final = "password"  # no password is ever kept, so that any other tells the same


class NotRunnableError(TenantsError):
    """The request cannot be sent once more; the message says why."""


class _UndoneError(Exception):
    """Leaves the transaction, so that it is rolled back, with what was seen in it."""

    def __init__(self, result: "TrialResult") -> None:
        super().__init__()
        self.result = result


@dataclass(frozen=True)
class Trial:
    """Who stands behind a request that is tried: the SCIM client's rights as they are today."""

    grant: Grant
    origin: Origin


@dataclass(frozen=True)
class TrialResult:
    """What would be answered, and what would change."""

    status: int
    body: str
    changes: Sequence[Mapping[str, Any]]


def find_obstacle(*, row: RequestRow) -> str:
    """Why the request cannot be sent once more; empty when it can."""
    if row.scim_client_id is None:
        return "It came without a genuine token: nobody knows with which rights to repeat it."
    if not row.path.startswith(f"{PLACE}/") or row.path.rstrip("/").endswith("/Bulk"):
        return "Only requests about single resources and lists are repeated, no Bulk request and no token request."
    if HIDDEN in row.query:
        return "A secret was left out of its query, so that it is no longer what was sent."
    try:
        body = _read_body(row)
    except ValueError:
        return "Its body was too long or no JSON, so that it is not kept whole."
    if HIDDEN in json.dumps(body):
        return "A secret was left out of its body, so that it is no longer what was sent."
    return ""


def replay_request(*, row: RequestRow, base_url: str, origin: Origin) -> TrialResult:
    """Send it once more and undo it. Raises NotRunnableError, RoleRefusedError."""
    obstacle = find_obstacle(row=row)
    if obstacle:
        raise NotRunnableError(obstacle)
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
    try:
        _send_and_undo(row, base_url, origin)
    except _UndoneError as undone:
        result = undone.result
    with tenant_scope():
        target = Target("Request", str(row.id), f"{row.method} {row.path}")
        details = {"request": row.request_id, "status": result.status}
        record_event(event=Event(Action.REQUEST_TRIED, target, details=details), origin=origin)
    return result


def _send_and_undo(row: RequestRow, base_url: str, origin: Origin) -> NoReturn:
    """Raises _UndoneError, with which the transaction is rolled back."""
    with tenant_scope():
        raise _UndoneError(_send(row, base_url, origin))


def _send(row: RequestRow, base_url: str, origin: Origin) -> TrialResult:
    client = ScimClient.objects.filter(id=row.scim_client_id).first()
    if client is None:
        raise NotRunnableError("Its SCIM client is no longer there.")
    grant = make_trial_grant(scim_client=client, prefix=row.token_prefix)
    actor = Actor(ActorKind.SCIM_CLIENT, str(client.id), client.name, row.token_prefix)
    trial = Trial(grant, Origin(actor, "scim", origin.at, str(uuid4()), row.address, row.user_agent))
    request = _make_request(row, base_url, trial)
    match = resolve(request.path_info)
    response = match.func(request, *match.args, **match.kwargs)
    response.render()
    return TrialResult(response.status_code, response.content.decode(), _tell_changes(trial, response.status_code))


def _tell_changes(trial: Trial, status: int) -> Sequence[Mapping[str, Any]]:
    """Nothing after a refusal, which may have aborted the transaction."""
    if status >= HTTPStatus.BAD_REQUEST:
        return []
    events = list_events_of_request(request_id=trial.origin.request_id)
    return [change for event in events for change in tell_event(event)["changes"]]


def _make_request(row: RequestRow, base_url: str, trial: Trial) -> WSGIRequest:
    at, body = urlsplit(base_url), _read_body(row)
    data = json.dumps(body).encode() if body is not None else b""
    pairs = [pair.partition("=")[::2] for pair in row.query.split("&")] if row.query else []
    return WSGIRequest(
        {
            "REQUEST_METHOD": row.method,
            "PATH_INFO": row.path,
            "QUERY_STRING": urlencode(pairs),
            "CONTENT_TYPE": "application/scim+json" if data else "",
            "CONTENT_LENGTH": str(len(data)),
            "HTTP_HOST": at.netloc,
            "HTTP_USER_AGENT": row.user_agent,
            "SERVER_NAME": at.hostname,
            "SERVER_PORT": str(at.port or ""),
            "REMOTE_ADDR": "",
            "wsgi.input": io.BytesIO(data),
            "wsgi.url_scheme": at.scheme,
            "labsninja.request_id": trial.origin.request_id,
            TRIAL: trial,
        }
    )


def _read_body(row: RequestRow) -> JsonObject | None:
    """Without a password. Raises ValueError for one that is not kept whole."""
    if not row.request_body:
        return None
    body = json.loads(row.request_body)
    if not isinstance(body, dict):
        raise json.JSONDecodeError("no object", row.request_body, 0)
    return {name: value for name, value in body.items() if name.lower() != DROPPED}
