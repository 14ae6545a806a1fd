"""SCIM clients: the list, a new one, one with its tokens, the provider's own steps and how far it has come."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from labsninja.kernel.edge import public_base_url
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import refuse
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.forms import ClientForm, ClientsForm, OptionsForm, RotateForm, ShareForm, TokenForm
from portal.shared.first_runs import describe_run
from portal.shared.guides import GUIDES
from portal.shared.htmx import render_page
from scim.queries.requests import FirstRun
from tenants import TenantsError
from tenants.models import ScimClient
from tenants.queries import ClientDetail, get_client_detail, list_client_uses, list_setup_links
from tenants.services.client_options import change_client_options
from tenants.services.scim_clients import create_scim_client

GET_POST = ["GET", "POST"]
STAGES: Final = ("Choose the provider", "Have a token made", "Enter both there", "See the first requests")


@require_safe
@member_page()
def clients(request: RealmRequest) -> HttpResponse:
    form = ClientsForm(request.GET)
    uses = list_client_uses(**form.read()) if form.is_valid() else []
    given = {name: request.GET.get(name, "") for name in form.fields}
    context = {"form": form, "uses": uses, "given": given, "sorts": form.SORTS}
    return draw_for_member(request, "console/clients", status=422 if form.errors else 200, **context)


@require_http_methods(GET_POST)
@member_page()
def new_client(request: RealmRequest) -> HttpResponse:
    """The first step of connecting a provider."""
    form = ClientForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        kind = ScimClient.Kind(form.cleaned_data["kind"])
        try:
            client = create_scim_client(name=form.cleaned_data["name"], kind=kind, origin=make_origin(request))
        except TenantsError as error:
            context = refuse(form, error, field="name")
        else:
            messages.success(request, "The SCIM client is there. Now it needs a token.")
            return HttpResponseRedirect(reverse("console:client", args=[client.id]))
    return draw_for_member(request, "console/client_new", form=form, **context)


@require_safe
@member_page()
def client(request: RealmRequest, client_id: UUID) -> HttpResponse:
    return draw_for_member(request, "console/client", **describe_client(request, client_id))


@require_safe
@member_page()
def first_run(request: RealmRequest, client_id: UUID) -> HttpResponse:
    """The checklist alone, asked for every two seconds until it is complete."""
    context = {**describe_run(find_client(client_id)), **_describe_place(client_id)}
    return render_page(request, "console/first_run.html", "console/_first_run.html", context)


@require_POST
@member_page()
def options(request: RealmRequest, client_id: UUID) -> HttpResponse:
    detail, form = find_client(client_id), OptionsForm(request.POST)
    if form.is_valid():
        try:
            change_client_options(
                client_name=detail.client.name, options=form.cleaned_data, origin=make_origin(request)
            )
        except TenantsError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The options are saved, and in force within 5 seconds.")
    return HttpResponseRedirect(reverse("console:client", args=[client_id]))


def describe_client(request: RealmRequest, client_id: UUID) -> dict[str, Any]:
    """What the page of a SCIM client shows. Raises Http404."""
    detail = find_client(client_id)
    known = describe_run(detail)
    return {
        **known,
        **_describe_place(client_id),
        "stages": list_stages(detail, known["run"]),
        "setup_links": list_setup_links(client_id=client_id),
        "tokens": detail.tokens,
        "guide": GUIDES[detail.client.kind],
        "base": f"{public_base_url(request)}/scim/v2",
        "token_form": TokenForm(),
        "rotate_form": RotateForm(),
        "share_form": ShareForm(),
    }


def find_client(client_id: UUID) -> ClientDetail:
    """Raises Http404."""
    detail = get_client_detail(client_id=client_id)
    if detail is None:
        raise Http404
    return detail


def _describe_place(client_id: UUID) -> dict[str, str]:
    """Where the checklist is asked for again."""
    return {
        "run_url": reverse("console:first-run", args=[client_id]),
        "run_page": reverse("console:client", args=[client_id]),
    }


def list_stages(detail: ClientDetail, run: FirstRun) -> Sequence[tuple[str, str]]:
    """Each stage of connecting a provider with `done`, `current` or `next`: whoever comes back goes on from there."""
    is_done = (True, bool(detail.tokens), bool(run.steps[0].at), run.is_complete)
    current = is_done.index(False) if False in is_done else len(is_done)
    places = [*("done" for _ in range(current)), "current", *("next" for _ in STAGES)]
    return list(zip(STAGES, places, strict=False))
