"""One run of a connector: what it plans, what is done, and what an operator says to it."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.actors import Origin
from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.live import draw_live
from scim.sync.errors import SyncError, UnknownRunError
from scim.sync.queries import PAGE, START, find_run_page
from scim.sync.services.runs import MODES, approve_run, cancel_run, pause_run, resume_run
from tenants import TenantsError

# Of what a plan can be narrowed to.
ACTIONS: Final[Mapping[str, str]] = {
    "create": "Create",
    "update": "Update",
    "deactivate": "Deactivate",
    "delete": "Delete",
    "fail": "Not understood",
}
ACTS: Final[Mapping[str, tuple[Callable[[UUID, Origin], Any], str]]] = {
    "pause": (lambda run, origin: pause_run(run_id=run, origin=origin), "The run is paused."),
    "resume": (lambda run, origin: resume_run(run_id=run, origin=origin), "The run goes on."),
    "cancel": (lambda run, origin: cancel_run(run_id=run, origin=origin), "The run is canceled."),
}


@require_safe
@member_page()
def run(request: RealmRequest, run_id: UUID) -> HttpResponse:
    action, after = request.GET.get("action", ""), _read_id(request.GET.get("after", ""))
    wanted = [action] if action in ACTIONS else list(ACTIONS)
    try:
        found, connector, items = find_run_page(run_id=run_id, actions=wanted, after=after)
    except UnknownRunError as error:
        raise Http404 from error
    counted = [(name, label, found.counts.get(name, 0)) for name, label in ACTIONS.items()]
    context = {
        "run": found,
        "connector": connector,
        "mode": MODES[found.mode],
        "items": items[:PAGE],
        "next": items[PAGE - 1].resource_id if len(items) > PAGE else "",
        "counted": counted,
        "action": action,
        "plan_hash": found.plan_hash.hex() if found.plan_hash else "",
    }
    return draw_live(request, "console/run", "console/_run", **context)


@require_POST
@member_page()
def approved(request: RealmRequest, run_id: UUID) -> HttpResponse:
    """The plan that was shown, and no other."""
    return _act(
        request,
        run_id,
        lambda origin: approve_run(run_id=run_id, plan_hash=_seen(request), origin=origin),
        "The plan is approved: it is done now.",
    )


@require_POST
@member_page()
def acted(request: RealmRequest, run_id: UUID, act: str) -> HttpResponse:
    """Pause, resume or cancel."""
    if act not in ACTS:
        raise Http404
    do, told = ACTS[act]
    return _act(request, run_id, lambda origin: do(run_id, origin), told)


def _act(request: RealmRequest, run_id: UUID, do: Callable[[Origin], object], told: str) -> HttpResponse:
    try:
        do(make_origin(request))
    except UnknownRunError as error:
        raise Http404 from error
    except (SyncError, TenantsError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return HttpResponseRedirect(reverse("console:run", args=[run_id]))


def _seen(request: RealmRequest) -> bytes:
    try:
        return bytes.fromhex(request.POST.get("plan", ""))
    except ValueError:
        return b""


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return START
