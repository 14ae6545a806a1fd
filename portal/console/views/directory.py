"""Users and groups: searched, narrowed, sorted, a page at a time; the address holds all of it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from labsninja.kernel.edge import public_base_url
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from portal.console.directory_forms import STATES, DirectoryForm, link_sorts, link_to
from scim.protocol.errors import ScimError, ScimType
from scim.queries import MemberPage
from scim.queries.directory import MOST_COUNTED, DirectoryPage, list_directory, list_members

ENDPOINTS = {"User": "Users", "Group": "Groups"}
PASSED = {ScimType.EXPIRED_CURSOR, ScimType.INVALID_CURSOR, ScimType.INVALID_COUNT}


@require_safe
@member_page()
def users(request: RealmRequest) -> HttpResponse:
    return _show(request, "User")


@require_safe
@member_page()
def groups(request: RealmRequest) -> HttpResponse:
    return _show(request, "Group")


def locate_resources(request: RealmRequest) -> dict[str, str]:
    """By resource type the address that stands before an id on the wire."""
    base = f"{public_base_url(request)}/scim/v2"
    return {name: f"{base}/{endpoint}/" for name, endpoint in ENDPOINTS.items()}


def list_group_members(request: RealmRequest, group_id: UUID) -> dict[str, Any]:
    """A page of a group's members: as many, the total, and links to the pages beside it.

    A cursor that is none leads to the first page.
    """
    try:
        page = _list_members(request, group_id, request.GET.get("members", ""))
    except ScimError as error:
        if error.scim_type not in PASSED:
            raise
        page = _list_members(request, group_id, "")
    given = {"below": request.GET.get("below", "")}
    beside = {"previous": page.neighbors.previous, "next": page.neighbors.next}
    links = {name: link_to(given, members=cursor) for name, cursor in beside.items() if cursor}
    return {"rows": page.members, "total": page.total, **links}


def _show(request: RealmRequest, type_name: str) -> HttpResponse:
    form, page = DirectoryForm(request.GET), None
    given = {name: request.GET.get(name, "") for name in form.fields}
    if form.is_valid():
        try:
            page = _list(request, type_name, form)
        except ScimError as error:
            if error.scim_type in PASSED:
                messages.info(request, "That page of the list has expired, so here is the first one.")
                return HttpResponseRedirect(request.path + link_to(given, cursor=""))
            form.add_error("filter", error.detail)
    context: dict[str, Any] = {
        "kind": type_name,
        "form": form,
        "given": given,
        "page": page,
        "states": STATES,
        "columns": link_sorts(type_name, given),
        "most_counted": MOST_COUNTED,
        "is_narrowed": any(given[name] for name in ("text", "state", "filter")),
        **_link_pages(page, given),
    }
    return draw_for_member(request, "console/directory", status=422 if form.errors else 200, **context)


def _list_members(request: RealmRequest, group_id: UUID, cursor: str) -> MemberPage:
    locations, at = locate_resources(request), datetime.now(UTC)
    return list_members(group_id=group_id, cursor=cursor, at=at, locations=locations)


def _list(request: RealmRequest, type_name: str, form: DirectoryForm) -> DirectoryPage:
    cursor, locations = form.cleaned_data["cursor"], locate_resources(request)
    at = datetime.now(UTC)
    return list_directory(type_name=type_name, wanted=form.read(), cursor=cursor, at=at, locations=locations)


def _link_pages(page: DirectoryPage | None, given: dict[str, Any]) -> dict[str, str]:
    beside = {"previous": page.neighbors.previous, "next": page.neighbors.next} if page else {}
    return {name: link_to(given, cursor=cursor) for name, cursor in beside.items() if cursor}
