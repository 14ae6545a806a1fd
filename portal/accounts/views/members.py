"""Members of a tenant: operators in the console, customers in the portal, and customers in the console too.

Which realm's members a page shows is its address's affair; who may change them, the services'.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.forms import EmailInput, NameInput
from portal.accounts.members import choose_tenant, member_page
from portal.accounts.pages import draw, refuse, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.accounts.views.sign_in import GET_POST
from tenants import TenantsError
from tenants.models import Role
from tenants.realms import REALMS, Realm
from tenants.services.accounts.invitations import invite_member, renew_invitation
from tenants.services.accounts.member_lists import SORTS, MemberFilter, list_invited, list_team
from tenants.services.accounts.memberships import (
    UnknownMemberError,
    change_role,
    find_managing_role,
    remove_member,
)
from tenants.services.accounts.sign_in_policy import change_factor_policy, has_factor_policy
from tenants.services.roles import RANKS, RoleRefusedError

LONGEST_TEXT = 200
tenants = require_http_methods(GET_POST)(choose_tenant)


class RoleInput(forms.ChoiceField):
    """Which of the three."""

    def __init__(self) -> None:
        super().__init__(
            label="Role", choices=Role.choices, initial=Role.VIEWER, widget=forms.Select({"class": "select w-full"})
        )


class InviteForm(forms.Form):
    email = EmailInput(autocomplete="off")
    name = NameInput()
    role = RoleInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["name"].widget.attrs["autocomplete"] = "off"


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class TeamForm(forms.Form):
    """What is looked for, and in which order; what is none finds everybody, by e-mail address."""

    q = forms.CharField(required=False, max_length=LONGEST_TEXT)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS])

    def read(self, position: str) -> MemberFilter:
        given = self.cleaned_data if self.is_valid() else {}
        value, _, member_id = position.rpartition(" ")
        try:
            after = (value, UUID(member_id)) if member_id and value.isprintable() else None
        except ValueError:
            after = None
        return MemberFilter(given.get("q", ""), given.get("sort") or "email", after)


@require_http_methods(GET_POST)
@member_page()
def members(request: RealmRequest, *, of: str) -> HttpResponse:
    """The list, who was invited and has not come yet, and the form that invites."""
    realm = REALMS[of]
    form = InviteForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            given = {**form.cleaned_data, "role": Role(form.cleaned_data["role"])}
            invite_member(realm=realm, origin=make_origin(request), **given)
        except TenantsError as error:
            context = refuse(form, error, field=None if isinstance(error, RoleRefusedError) else "email")
        else:
            messages.success(request, f"{form.cleaned_data['email']} gets an e-mail with a link to join.")
            return HttpResponseRedirect(request.path)
    return draw(request, "members", form=form, **_describe(request, realm), **context)


def _describe(request: RealmRequest, realm: Realm) -> dict[str, Any]:
    """What the page shows. Who may do what only hides buttons: the services ask themselves."""
    wanted = TeamForm(request.GET).read(request.GET.get("from", ""))
    page = list_team(realm=realm, wanted=wanted)
    own = RANKS[Role(request.membership.role)]
    managing = find_managing_role(realm=realm)
    kept = {name: value for name, value in (("q", wanted.text), ("sort", wanted.sort)) if value}
    return {
        "of": realm,
        "members": page.rows,
        "waiting": list_invited(realm=realm),
        "wanted": wanted,
        "sorts": SORTS,
        "next": "?" + urlencode({**kept, "from": f"{page.next[0]} {page.next[1]}"}) if page.next else "",
        "is_first": wanted.after is None,
        "may_manage": own >= RANKS[managing],
        "may_decide": own >= RANKS[Role.OWNER],
        "managing": managing.label.lower(),
        "needs_factor": has_factor_policy(realm=realm),
        "roles": [(role.value, role.label) for role in Role],
    }


@require_POST
@member_page()
def resent(request: RealmRequest, *, of: str, person_id: UUID) -> HttpResponse:
    """Another link for whoever was invited and has not come yet."""
    _act(request, "The invitation is sent again.", lambda: renew_invitation(**_whose(request, REALMS[of], person_id)))
    return _back(request, of)


@require_POST
@member_page()
@stepped_up
def role_changed(request: RealmRequest, *, of: str, person_id: UUID) -> HttpResponse:
    form = RoleForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        _act(request, "The role is changed.", lambda: change_role(role=role, **_whose(request, REALMS[of], person_id)))
    return _back(request, of)


@require_POST
@member_page()
@stepped_up
def removed(request: RealmRequest, *, of: str, person_id: UUID) -> HttpResponse:
    _act(request, "The member is removed.", lambda: remove_member(**_whose(request, REALMS[of], person_id)))
    return _back(request, of)


@require_POST
@member_page()
@stepped_up
def policy_changed(request: RealmRequest, *, of: str) -> HttpResponse:
    is_needed = request.POST.get("needs_factor") == "on"
    given: dict[str, Any] = {"realm": REALMS[of], "origin": make_origin(request)}
    _act(request, "The policy is changed.", lambda: change_factor_policy(is_needed=is_needed, **given))
    return _back(request, of)


def _whose(request: RealmRequest, realm: Realm, person_id: UUID) -> dict[str, Any]:
    return {
        "realm": realm,
        "person_id": person_id,
        "origin": make_origin(request),
    }


def _act(request: RealmRequest, done: str, act: Any) -> None:
    try:
        act()
    except UnknownMemberError as error:
        raise Http404 from error
    except TenantsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)


def _back(request: RealmRequest, of: str) -> HttpResponse:
    page = "customers" if of != request.realm.name else "members"
    return HttpResponseRedirect(f"{request.realm.prefix}{page}")
