"""One user or group: every value with the request it came from, memberships, and what became of it, newest first."""

import json
from datetime import UTC, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from portal.console.directory_forms import read_number
from portal.console.views.directory import list_group_members, locate_resources
from portal.shared.leaves import name_path, show_changes, show_value
from portal.shared.summaries import summarize_request
from scim.protocol.leaves import list_leaves
from scim.queries.histories import MOST_READ, Step, list_history, list_origins
from scim.queries.profiles import Profile, find_profile, list_groups_of
from scim.queries.requests import list_requests_of
from scim.queries.resources import NoSuchResourceError

DEEDS: Final = {
    "created": "Created",
    "revived": "Came back",
    "replaced": "Replaced",
    "patched": "Changed",
    "members": "Members changed",
    "deleted": "Deleted",
    "restored": "Restored",
}


@require_safe
@member_page()
def user(request: RealmRequest, resource_id: UUID) -> HttpResponse:
    profile = require_profile(request, "User", resource_id)
    return _draw(request, "User", profile, groups=list_groups_of(resource_id=resource_id))


@require_safe
@member_page()
def group(request: RealmRequest, resource_id: UUID) -> HttpResponse:
    profile = require_profile(request, "Group", resource_id)
    members = None if profile.deleted_at else list_group_members(request, resource_id)
    return _draw(request, "Group", profile, groups=list_groups_of(resource_id=resource_id), members=members)


def require_profile(request: RealmRequest, type_name: str, resource_id: UUID) -> Profile:
    """Raises Http404 for what the bound tenant has never had."""
    locations = locate_resources(request)
    try:
        return find_profile(type_name=type_name, resource_id=resource_id, locations=locations)
    except NoSuchResourceError as error:
        raise Http404 from error


def describe_step(step: Step) -> dict[str, Any]:
    """A change as the templates show it."""
    # A browser's field holds milliseconds: the next one, so that the change itself is part of what it was then.
    moment = (step.at.astimezone(UTC) + timedelta(microseconds=999)).replace(tzinfo=None)
    more = {side: count - len(getattr(step, side)) for side, count in step.counts.items()}
    told = {"moment": moment.isoformat(timespec="milliseconds"), "more": more}
    return {"step": step, "deed": DEEDS.get(step.kind, step.kind), "changes": show_changes(step.changes), **told}


def _draw(request: RealmRequest, type_name: str, profile: Profile, **context: Any) -> HttpResponse:
    below = read_number(request.GET.get("below", ""))
    history = list_history(resource_id=profile.id, **({"below": below} if below else {}))
    related = list_requests_of(resource_id=profile.id)
    return draw_for_member(
        request,
        "console/person",
        kind=type_name,
        profile=profile,
        values=_list_values(profile),
        most_read=MOST_READ,
        raw=json.dumps(profile.whole, indent=2, ensure_ascii=False) if profile.whole else "",
        steps=[describe_step(step) for step in history.steps],
        older=history.older,
        is_newest=not below,
        related=[(row, summarize_request(row=row)) for row in related],
        **context,
    )


def _list_values(profile: Profile) -> list[dict[str, Any]]:
    """What it has now, or had when it was deleted; each with the change that it came from."""
    origins = list_origins(resource_id=profile.id, document=profile.document)
    found = []
    for leaf in list_leaves(profile.document):
        name, schema = name_path(leaf.path)
        found.append({"name": name, "schema": schema, "text": show_value(leaf), "step": origins.get(leaf)})
    return found
