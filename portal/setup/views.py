"""The set-up of one SCIM client by whoever holds a link: the provider's steps, a token shown once, the checklist."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from labsninja.kernel.edge import public_base_url
from portal.setup.sessions import (
    make_form_key,
    make_setup_origin,
    matches_form_key,
    read_session,
    set_session,
    setup_page,
)
from portal.shared.first_runs import describe_run
from portal.shared.guides import GUIDES
from portal.shared.htmx import HtmxHttpRequest, render_page
from tenants.queries import get_client_detail
from tenants.services.setup_visits import (
    Refusal,
    Visit,
    VisitRefusedError,
    check_link,
    check_visit,
    claim_link,
    issue_setup_token,
)


@require_http_methods(["GET", "POST"])
@setup_page
def link(request: HttpRequest, link_id: UUID, secret: str) -> HttpResponse:
    """Looking changes nothing; the button opens the link for this browser. One that has opened it goes on."""
    here, origin = reverse("setup:page", args=[link_id]), make_setup_origin(request)
    if request.method == "GET" and read_session(request):
        return HttpResponseRedirect(here)
    if request.method == "GET":
        return render(
            request, "setup/confirm.html", {"visit": check_link(link_id=link_id, secret=secret, origin=origin)}
        )
    visit, session = claim_link(link_id=link_id, secret=secret, origin=origin)
    answer = HttpResponseRedirect(here)
    set_session(request, answer, visit.link, session)
    return answer


@require_safe
@setup_page
def page(request: HttpRequest, link_id: UUID) -> HttpResponse:
    return render(request, "setup/page.html", _describe(request, _enter(request, link_id)))


@require_safe
@setup_page
def first_run(request: HtmxHttpRequest, link_id: UUID) -> HttpResponse:
    """The checklist alone, asked for every two seconds until it is complete."""
    context = _describe(request, _enter(request, link_id))
    return render_page(request, "setup/page.html", "console/_first_run.html", context)


@require_POST
@setup_page
def token(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """In the answer to the POST alone: no address shows it a second time."""
    visit, session = _enter(request, link_id), read_session(request)
    if not matches_form_key(request):
        raise VisitRefusedError(Refusal.UNKNOWN)
    issued = issue_setup_token(link_id=link_id, session=session, origin=make_setup_origin(request))
    context = {**_describe(request, visit), "token": issued.token, "text": issued.text}
    return render(request, "setup/token.html", context)


def _enter(request: HttpRequest, link_id: UUID) -> Visit:
    return check_visit(link_id=link_id, session=read_session(request), origin=make_setup_origin(request))


def _describe(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """What the pages show, all of it of this one SCIM client."""
    detail = get_client_detail(client_id=visit.client.id)
    if detail is None:
        raise VisitRefusedError(Refusal.REVOKED)
    return {
        **describe_run(detail),
        "visit": visit,
        "guide": GUIDES[visit.client.kind],
        "base": f"{public_base_url(request)}/scim/v2",
        "form_key": make_form_key(session=read_session(request)),
        "run_url": reverse("setup:first-run", args=[visit.link.id]),
        "run_page": reverse("setup:page", args=[visit.link.id]),
    }
