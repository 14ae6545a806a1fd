"""Acts of an operator on a user or group: asked first, with what will come of it, then done by a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import status_of, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.directory_forms import read_number
from portal.console.views.people import require_profile
from scim.protocol.errors import ScimError
from scim.services.directory_acts import activate_user, deactivate_user, delete_by_hand
from tenants import TenantsError

MEANWHILE: Final = "It was changed after this page was opened: see what it is now, and decide again."
CHANGED: Final = 412


@dataclass(frozen=True)
class Act:
    """How an act is asked for and told of; `run` takes resource_id, version and origin."""

    type_name: str
    title: str
    button: str
    consequence: str
    done: str
    run: Callable[..., None]

    @property
    def page(self) -> str:
        """The page of what it is done to."""
        return f"console:{self.type_name.lower()}"


def _delete(type_name: str) -> Callable[..., None]:
    return lambda **given: delete_by_hand(type_name=type_name, **given)


ACTS: Final[Mapping[str, Act]] = {
    "deactivate": Act(
        "User",
        "Deactivate the user?",
        "Deactivate",
        "The attribute active becomes false, for connectors too. The identity provider may set it to true again.",
        "The user is deactivated.",
        deactivate_user,
    ),
    "activate": Act(
        "User",
        "Activate the user?",
        "Activate",
        "The attribute active becomes true, for connectors too. The identity provider may set it to false again.",
        "The user is active.",
        activate_user,
    ),
    "delete-user": Act(
        "User",
        "Delete the user?",
        "Delete the user",
        "On the wire the id answers 404 from then on, and every group loses this member. History and last values stay.",
        "The user is deleted.",
        _delete("User"),
    ),
    "delete-group": Act(
        "Group",
        "Delete the group?",
        "Delete the group",
        "On the wire the id answers 404 from then on. Its members stay, but are no members of it. History stays.",
        "The group is deleted.",
        _delete("Group"),
    ),
}


@require_http_methods(["GET", "POST"])
@member_page()
@stepped_up
def act(request: RealmRequest, name: str, resource_id: UUID) -> HttpResponse:
    """The question; with POST the act. What was deleted already leads to its page."""
    chosen = ACTS[name]
    profile = require_profile(request, chosen.type_name, resource_id)
    back, refused, status = reverse(chosen.page, args=[resource_id]), "", 200
    if profile.deleted_at:
        return HttpResponseRedirect(back)
    if request.method == "POST":
        refused, status = _run(request, chosen, resource_id)
        if not refused:
            messages.success(request, chosen.done)
            return HttpResponseRedirect(back)
    context: dict[str, Any] = {"act": chosen, "profile": profile, "back": back, "refused": refused}
    return draw_for_member(request, "console/act", status=status, **context)


def _run(request: RealmRequest, chosen: Act, resource_id: UUID) -> tuple[str, int]:
    """Why it was refused and with which status; empty when it was done."""
    version = read_number(request.POST.get("version", "")) or 0
    try:
        chosen.run(resource_id=resource_id, version=version, origin=make_origin(request))
    except TenantsError as error:
        return str(error), status_of(error)
    except ScimError as error:
        return (MEANWHILE if error.status == CHANGED else error.detail), error.status
    return "", 200
