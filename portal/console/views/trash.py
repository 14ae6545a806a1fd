"""The trash: what was deleted, and the page that brings one of it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from audit.presenters import describe_event
from audit.queries import list_events_of
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import status_of
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.directory_forms import link_to
from portal.console.lifecycle_forms import SORTS, TrashForm, tell_start
from scim.protocol.errors import ScimError
from scim.queries import NoSuchResourceError, find_schemas
from scim.queries.trash import TrashPage, find_deleted, list_trash
from scim.services.trash import restore_resource
from tenants import TenantsError
from tenants.queries import list_client_uses

NEWEST = 5  # events that the page of one shows
CONFLICT = 409


@require_safe
@member_page()
def trash(request: RealmRequest) -> HttpResponse:
    form, page = TrashForm(request.GET), None
    given = {name: request.GET.get(name, "") for name in form.fields}
    if form.is_valid():
        wanted, position = form.read()
        page = list_trash(wanted=wanted, position=position)
    names: dict[UUID | None, str] = {use.client.id: use.client.name for use in list_client_uses()}
    context: dict[str, Any] = {
        "form": form,
        "given": given,
        "rows": [(row, names.get(row.scim_client_id, "")) for row in page.rows] if page else [],
        "types": [one.name for one in find_schemas().resource_types],
        "sorts": SORTS,
        "next": _link_next(page, given),
        "is_narrowed": bool(given["text"] or given["type"]),
    }
    return draw_for_member(request, "console/trash", status=422 if form.errors else 200, **context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page()
def restoring(request: RealmRequest, resource_id: UUID) -> HttpResponse:
    """Asks first; a name that is taken again is told in place of the question."""
    found = find_deleted(resource_id=resource_id)
    if found is None:
        raise Http404
    refused, status = "", 200
    if request.method == "POST":
        try:
            restore_resource(resource_id=resource_id, origin=make_origin(request))
        except NoSuchResourceError as error:
            raise Http404 from error
        except ScimError as error:
            refused, status = _explain(error), CONFLICT
        except TenantsError as error:
            refused, status = str(error), status_of(error)
        else:
            messages.success(request, f"{found.name} is back, with the id and the values of before.")
            return HttpResponseRedirect(reverse("console:trash"))
    events = list_events_of(target_id=str(resource_id))[-NEWEST:]
    sentences = [describe_event(event) for event in reversed(events)]
    context = {"found": found, "refused": refused, "sentences": sentences}
    return draw_for_member(request, "console/trash_restore", status=status, **context)


def _explain(error: ScimError) -> str:
    if error.status == CONFLICT:
        return f"{error.detail} Rename or delete that one first; what lies in the trash stays as it is."
    return error.detail


def _link_next(page: TrashPage | None, given: dict[str, str]) -> str:
    if page is None or page.position is None:
        return ""
    last = page.position
    return link_to(given, start=tell_start(last.id, last.at, last.name, by_name=bool(given["sort"])))
