"""Held people: who left and is kept from the connectors, and what an operator does about it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import status_of
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.directory_forms import link_to
from portal.console.lifecycle_forms import SORTS, STATES, ChosenForm, HoldsForm, read_chosen, tell_start
from scim.queries.holds import HoldPage, count_held, list_holds
from scim.services.holds import Undone, release_holds, undo_holds
from tenants import TenantsError
from tenants.queries import list_client_uses


@require_safe
@member_page()
def holds(request: RealmRequest) -> HttpResponse:
    return _draw(request)


@require_POST
@member_page()
def undone(request: RealmRequest) -> HttpResponse:
    """Brings back those who are chosen, or all, at once: nothing is lost by it."""
    chosen, is_nobody = _read(request)
    if is_nobody:
        return _refuse(request)
    try:
        done = undo_holds(hold_ids=chosen, origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
        return _draw(request, status=status_of(error))
    _tell(request, done)
    return HttpResponseRedirect(reverse("console:holds"))


@require_POST
@member_page()
def released(request: RealmRequest) -> HttpResponse:
    """Asks first: what connectors have carried on they may not be able to bring back."""
    chosen, is_nobody = _read(request)
    if is_nobody:
        return _refuse(request)
    if not request.POST.get("sure"):
        number = count_held() if chosen is None else len(chosen)
        return draw_for_member(request, "console/holds_release", chosen=chosen, number=number)
    try:
        number = release_holds(hold_ids=chosen, origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
        return _draw(request, status=status_of(error))
    messages.success(request, f"{_people(number)} released: connectors may carry on what was written.")
    return HttpResponseRedirect(reverse("console:holds"))


def _read(request: RealmRequest) -> tuple[list[UUID] | None, bool]:
    """Whom it is about, None for all, and whether that is nobody."""
    form = ChosenForm(request.POST)
    if form.is_valid() and form.cleaned_data["all"]:
        return None, False
    chosen = read_chosen(request.POST.getlist("hold"))
    return chosen, not chosen


def _refuse(request: RealmRequest) -> HttpResponse:
    messages.error(request, "Nobody is chosen: mark whom you mean, or take all.")
    return _draw(request, status=422)


def _draw(request: RealmRequest, *, status: int = 200) -> HttpResponse:
    form, page = HoldsForm(request.GET), None
    given = {name: request.GET.get(name, "") for name in form.fields}
    if form.is_valid():
        wanted, position = form.read()
        page = list_holds(wanted=wanted, position=position)
    names: dict[UUID | None, str] = {use.client.id: use.client.name for use in list_client_uses()}
    context: dict[str, Any] = {
        "form": form,
        "given": given,
        "rows": [(row, names.get(row.scim_client_id, "")) for row in page.rows] if page else [],
        "sorts": SORTS,
        "states": STATES,
        "held": count_held(),
        "next": _link_next(page, given),
        "is_open": given["state"] in {"", "held"},
        "is_narrowed": bool(given["text"]),
    }
    return draw_for_member(request, "console/holds", status=422 if form.errors else status, **context)


def _tell(request: RealmRequest, done: Undone) -> None:
    if done.number:
        messages.success(request, f"{_people(done.number)} back, as they were before.")
    for name, reason in done.refused:
        messages.error(request, f"{name} could not come back: {reason}")
    if done.left:
        messages.info(request, f"{done.left} are left: bring all back once more to go on.")


def _people(number: int) -> str:
    return "1 person is" if number == 1 else f"{number} people are"


def _link_next(page: HoldPage | None, given: dict[str, str]) -> str:
    if page is None or page.position is None:
        return ""
    last = page.position
    return link_to(given, start=tell_start(last.id, last.at, last.name, by_name=bool(given["sort"])))
