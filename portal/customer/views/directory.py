"""People and groups that were synced to a customer's organization: to look at, searched, a page at a time."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from scim.protocol.errors import ScimError
from scim.queries.directory import DirectoryPage, DirectoryQuery, list_directory

STATES: Final = (("", "Everybody"), ("active", "Active"), ("inactive", "Not active"))
LONGEST_TEXT, LONGEST_CURSOR = 200, 4000
LOCATIONS: Final = {"User": "", "Group": ""}  # addresses on the wire are nothing to a customer


class SearchForm(forms.Form):
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    state = forms.ChoiceField(choices=STATES, required=False)
    cursor = forms.CharField(required=False, max_length=LONGEST_CURSOR)


@require_safe
@member_page()
def people(request: RealmRequest) -> HttpResponse:
    return _show(request, "User", "customer/people")


@require_safe
@member_page()
def groups(request: RealmRequest) -> HttpResponse:
    return _show(request, "Group", "customer/groups")


def _show(request: RealmRequest, type_name: str, template: str) -> HttpResponse:
    """A page; one that has expired, or was never given out, leads to the first one."""
    form = SearchForm(request.GET)
    given = {name: request.GET.get(name, "") for name in ("text", "state")}
    if not form.is_valid():
        return draw_for_member(request, template, status=422, form=form, given=given, states=STATES)
    try:
        page = _list(type_name, form.cleaned_data)
    except ScimError:
        return HttpResponseRedirect(f"{request.path}?{urlencode(given)}")
    links = {
        name: f"?{urlencode({**given, 'cursor': cursor})}"
        for name, cursor in (("previous", page.neighbors.previous), ("next", page.neighbors.next))
        if cursor
    }
    context: dict[str, Any] = {
        "form": form,
        "given": given,
        "states": STATES,
        "page": page,
        "is_narrowed": any(given.values()),
        **links,
    }
    return draw_for_member(request, template, **context)


def _list(type_name: str, asked: dict[str, str]) -> DirectoryPage:
    wanted = DirectoryQuery(asked["text"], asked["state"])
    return list_directory(
        type_name=type_name, wanted=wanted, cursor=asked["cursor"], at=datetime.now(UTC), locations=LOCATIONS
    )
