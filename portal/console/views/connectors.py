"""Connectors: the systems that the directory flows on to, and what an operator does about each."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.actors import Origin
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import UNPROCESSABLE, status_of
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.connector_forms import ConnectorForm
from portal.console.live import draw_live
from portal.console.views.clients import GET_POST
from scim.sync.errors import RefusedError, SyncError, UnknownConnectorError
from scim.sync.queries import find_connector_page, list_connectors
from scim.sync.services.connectors import (
    change_connector,
    create_connector,
    pause_connector,
    remove_connector,
    start_connector,
)
from scim.sync.services.links import approve_staged, refuse_staged, retry_links
from scim.sync.services.probes import check_connector
from scim.sync.services.runs import MODES, request_run
from tenants import TenantsError

Act = Callable[[UUID, Origin], object]
# What the buttons of a connector's page do, and what is said when it was done.
ACTS: Final[Mapping[str, tuple[Act, str]]] = {
    "start": (lambda found, origin: start_connector(connector_id=found, origin=origin), "It works from now on."),
    "pause": (lambda found, origin: pause_connector(connector_id=found, origin=origin), "Nothing is sent any more."),
    "retry": (
        lambda found, origin: retry_links(connector_id=found, signature=None, origin=origin),
        "What failed is tried again.",
    ),
    "approve": (
        lambda found, origin: approve_staged(connector_id=found, resource_ids=None, origin=origin),
        "What was kept back is done.",
    ),
    "refuse": (
        lambda found, origin: refuse_staged(connector_id=found, resource_ids=None, origin=origin),
        "They stay as they are over there.",
    ),
}


@require_safe
@member_page()
def connectors(request: RealmRequest) -> HttpResponse:
    return draw_for_member(request, "console/connectors", rows=list_connectors())


@require_http_methods(GET_POST)
@member_page()
def new_connector(request: RealmRequest) -> HttpResponse:
    form = ConnectorForm(request.POST or None)
    if form.is_valid():
        try:
            made = create_connector(kind="scim", origin=make_origin(request), **form.read())
        except (SyncError, TenantsError) as error:
            return _refuse(request, form, error, "console/connector_new")
        return HttpResponseRedirect(reverse("console:connector", args=[made]))
    return draw_for_member(request, "console/connector_new", form=form, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@member_page()
def connector(request: RealmRequest, connector_id: UUID) -> HttpResponse:
    try:
        page = find_connector_page(connector_id=connector_id)
    except UnknownConnectorError as error:
        raise Http404 from error
    return draw_live(request, "console/connector", "console/_connector", page=page, connector=page.state.connector)


@require_http_methods(GET_POST)
@member_page()
def changed(request: RealmRequest, connector_id: UUID) -> HttpResponse:
    """Its name, address, token and manners."""
    try:
        found = find_connector_page(connector_id=connector_id).state.connector
    except UnknownConnectorError as error:
        raise Http404 from error
    form = ConnectorForm(request.POST or None, initial={**found.settings, "name": found.name})
    if form.is_valid():
        told = form.read()
        told["secret"] = told["secret"] or None
        try:
            change_connector(connector_id=connector_id, origin=make_origin(request), **told)
        except (SyncError, TenantsError) as error:
            return _refuse(request, form, error, "console/connector_edit", connector=found)
        return HttpResponseRedirect(reverse("console:connector", args=[connector_id]))
    status = UNPROCESSABLE if form.errors else 200
    return draw_for_member(request, "console/connector_edit", form=form, connector=found, status=status)


@require_POST
@member_page()
def tested(request: RealmRequest, connector_id: UUID) -> HttpResponse:
    """Gets to know the system without changing anything there."""
    try:
        report = check_connector(connector_id=connector_id, origin=make_origin(request))
    except UnknownConnectorError as error:
        raise Http404 from error
    except TenantsError as error:
        return _go_back(request, connector_id, error)
    return draw_for_member(request, "console/connector_test", report=report, connector_id=connector_id)


@require_POST
@member_page()
def acted(request: RealmRequest, connector_id: UUID, act: str) -> HttpResponse:
    """Start, pause, retry, approve or refuse."""
    if act not in ACTS:
        raise Http404
    do, told = ACTS[act]
    return _act(request, connector_id, lambda: do(connector_id, make_origin(request)), told)


@require_POST
@member_page()
def run_requested(request: RealmRequest, connector_id: UUID) -> HttpResponse:
    """A full run, or a dry one."""
    mode = request.POST.get("mode", "")
    if mode not in MODES:
        raise Http404
    try:
        run_id = request_run(connector_id=connector_id, mode=mode, origin=make_origin(request))
    except UnknownConnectorError as error:
        raise Http404 from error
    except (SyncError, TenantsError) as error:
        return _go_back(request, connector_id, error)
    return HttpResponseRedirect(reverse("console:run", args=[run_id]))


@require_POST
@member_page()
def removed(request: RealmRequest, connector_id: UUID) -> HttpResponse:
    try:
        remove_connector(connector_id=connector_id, origin=make_origin(request))
    except UnknownConnectorError as error:
        raise Http404 from error
    except (SyncError, TenantsError) as error:
        return _go_back(request, connector_id, error)
    messages.success(request, "The connector is removed; its system keeps what it has.")
    return HttpResponseRedirect(reverse("console:connectors"))


def _act(request: RealmRequest, connector_id: UUID, do: Callable[[], object], told: str) -> HttpResponse:
    try:
        do()
    except UnknownConnectorError as error:
        raise Http404 from error
    except (SyncError, TenantsError) as error:
        return _go_back(request, connector_id, error)
    messages.success(request, told)
    return HttpResponseRedirect(reverse("console:connector", args=[connector_id]))


def _go_back(request: RealmRequest, connector_id: UUID, error: Exception) -> HttpResponse:
    """To the page as it is now, with what was refused above it."""
    messages.error(request, str(error))
    answer = connector(request, connector_id) if request.method == "GET" else None
    return answer or HttpResponseRedirect(reverse("console:connector", args=[connector_id]))


def _refuse(
    request: RealmRequest, form: ConnectorForm, error: Exception, template: str, **context: Any
) -> HttpResponse:
    field = error.field if isinstance(error, RefusedError) and error.field in form.fields else None
    form.add_error(field, str(error))
    status = status_of(error) if isinstance(error, TenantsError) else UNPROCESSABLE
    return draw_for_member(request, template, form=form, status=status, **context)
