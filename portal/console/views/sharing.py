"""The set-up of a SCIM client, shared by a link: made and shown once, or sent by e-mail; revoked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from labsninja.kernel.edge import public_base_url
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import refuse, status_of, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.forms import ShareForm
from portal.console.views.clients import describe_client, find_client
from tenants import TenantsError
from tenants.services.setup_links import SharedLink, revoke_setup_link, share_setup


@require_POST
@member_page()
@stepped_up
def shared(request: RealmRequest, client_id: UUID) -> HttpResponse:
    find_client(client_id)
    form, status = ShareForm(request.POST), 200
    if form.is_valid():
        days, email = int(form.cleaned_data["days"]), form.cleaned_data["email"]
        try:
            made = share_setup(client_id=client_id, days=days, email=email, origin=make_origin(request))
        except TenantsError as error:
            status = refuse(form, error, field="email" if email else None)["status"]
        else:
            return _show(request, client_id, made)
    context: dict[str, Any] = {**describe_client(request, client_id), "share_form": form}
    return draw_for_member(request, "console/client", status=status, **context)


@require_POST
@member_page()
@stepped_up
def revoked(request: RealmRequest, client_id: UUID, link_id: UUID) -> HttpResponse:
    find_client(client_id)
    try:
        revoke_setup_link(client_id=client_id, link_id=link_id, origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
        context = describe_client(request, client_id)
        return draw_for_member(request, "console/client", status=status_of(error), **context)
    messages.success(request, "The link is revoked: whoever has opened it is out as of now.")
    return HttpResponseRedirect(reverse("console:client", args=[client_id]))


def _show(request: RealmRequest, client_id: UUID, made: SharedLink) -> HttpResponse:
    """In the answer to the POST alone, like a token; one that goes by e-mail is shown to nobody else."""
    if not made.secret:
        messages.success(request, f"The link is on its way to {made.link.email}.")
        return HttpResponseRedirect(reverse("console:client", args=[client_id]))
    address = f"{public_base_url(request)}/setup/{made.link.id}/{made.secret}"
    client = find_client(client_id).client
    return draw_for_member(request, "console/setup_link", client=client, link=made.link, address=address)
