"""Tokens of a SCIM client: a new one, shown this once; rotated with an overlap; revoked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import refuse, status_of, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.forms import RotateForm, TokenForm
from portal.console.views.clients import describe_client, find_client
from tenants import TenantsError
from tenants.services.token_rows import IssuedToken
from tenants.services.tokens import issue_token, revoke_token, rotate_token


@require_POST
@member_page()
@stepped_up
def issued(request: RealmRequest, client_id: UUID) -> HttpResponse:
    detail, form = find_client(client_id), TokenForm(request.POST)
    status = 200
    if form.is_valid():
        try:
            made = issue_token(scim_client=detail.client, origin=make_origin(request), **form.read())
        except TenantsError as error:
            status = refuse(form, error, field="networks" if form["networks"].value() else None)["status"]
        else:
            return _show(request, client_id, made)
    context: dict[str, Any] = {**describe_client(request, client_id), "token_form": form}
    return draw_for_member(request, "console/client", status=status, **context)


@require_POST
@member_page()
@stepped_up
def rotated(request: RealmRequest, client_id: UUID, prefix: str) -> HttpResponse:
    form = RotateForm(request.POST)
    if form.is_valid():
        overlap = timedelta(hours=int(form.cleaned_data["overlap"]))
        try:
            _require_own(client_id, prefix)
            made = rotate_token(prefix=prefix, overlap=overlap, origin=make_origin(request))
        except TenantsError as error:
            return _refused(request, client_id, error)
        return _show(request, client_id, made)
    return HttpResponseRedirect(reverse("console:client", args=[client_id]))


@require_POST
@member_page()
@stepped_up
def revoked(request: RealmRequest, client_id: UUID, prefix: str) -> HttpResponse:
    try:
        _require_own(client_id, prefix)
        revoke_token(prefix=prefix, origin=make_origin(request))
    except TenantsError as error:
        return _refused(request, client_id, error)
    messages.success(request, "The token is revoked: within 5 seconds it is refused everywhere.")
    return HttpResponseRedirect(reverse("console:client", args=[client_id]))


def _show(request: RealmRequest, client_id: UUID, made: IssuedToken) -> HttpResponse:
    """In the answer to the POST alone: no address shows a token a second time, and no cache or history keeps it."""
    answer = draw_for_member(
        request, "console/token", token=made.token, text=made.text, **_surroundings(request, client_id)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _surroundings(request: RealmRequest, client_id: UUID) -> dict[str, Any]:
    known = describe_client(request, client_id)
    return {name: known[name] for name in ("client", "guide", "base")}


def _require_own(client_id: UUID, prefix: str) -> None:
    """A token is named together with its SCIM client: an address that mixes two is refused. Raises Http404."""
    if prefix not in {shown.token.prefix for shown in find_client(client_id).tokens}:
        raise Http404


def _refused(request: RealmRequest, client_id: UUID, error: TenantsError) -> HttpResponse:
    messages.error(request, str(error))
    answer = draw_for_member(request, "console/client", status=status_of(error), **describe_client(request, client_id))
    answer.headers["Cache-Control"] = "no-store"
    return answer
