"""A user or group as it was at a moment, beside what it is now."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from portal.console.directory_forms import MomentForm
from portal.console.views.people import require_profile
from portal.shared.leaves import name_path, show_changes, show_value
from scim.protocol.leaves import compare_leaves, list_leaves
from scim.queries.histories import name_members
from scim.queries.resources import NoSuchResourceError
from scim.time_machine import find_resource_at


@require_safe
@member_page()
def then(request: RealmRequest, type_name: str, resource_id: UUID) -> HttpResponse:
    """`at` is in UTC, and stands in the address."""
    profile, form = require_profile(request, type_name, resource_id), MomentForm(request.GET)
    state = _find_state(resource_id, form.cleaned_data["at"]) if form.is_valid() else None
    context: dict[str, Any] = {"kind": type_name, "profile": profile, "form": form, "state": state}
    if state is not None:
        now = {} if profile.deleted_at else profile.document
        context |= {
            "values": [(*name_path(leaf.path), show_value(leaf)) for leaf in list_leaves(state.document)],
            "changes": show_changes(compare_leaves(state.document, now)),
            "members": name_members(ids=state.members),
        }
    return draw_for_member(request, "console/then", status=422 if form.errors else 200, **context)


def _find_state(resource_id: UUID, at: datetime) -> Any:
    """None where it did not live then."""
    try:
        return find_resource_at(resource_id=resource_id, at=at)
    except NoSuchResourceError:
        return None
