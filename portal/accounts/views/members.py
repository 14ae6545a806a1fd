"""Members of a tenant: operators in the console, customers in the portal, and customers in the console too; and what
a customer sees first.

Which realm's members a page shows is its address's affair; who may change them, the services'.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.forms import EmailInput, NameInput
from portal.accounts.members import choose_tenant, draw_for_member, member_page
from portal.accounts.pages import draw, refuse, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.accounts.views.sign_in import GET_POST
from scim.queries.resources import count_directory
from tenants import TenantsError
from tenants.models import Role
from tenants.queries import list_client_uses
from tenants.realms import REALMS, Realm
from tenants.services.accounts.invitations import invite_member
from tenants.services.accounts.memberships import (
    change_role,
    list_members,
    remove_member,
)
from tenants.services.accounts.sign_in_policy import change_factor_policy, has_factor_policy

tenants = require_http_methods(GET_POST)(choose_tenant)


@require_safe
@member_page()
def status(request: RealmRequest) -> HttpResponse:
    """What a customer sees first."""
    return draw_for_member(request, "customer/status", size=count_directory(), clients=list_client_uses())


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


@require_http_methods(GET_POST)
@member_page()
def members(request: RealmRequest, *, of: str) -> HttpResponse:
    """The list, and the form that invites."""
    realm = REALMS[of]
    form = InviteForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            given = {**form.cleaned_data, "role": Role(form.cleaned_data["role"])}
            invite_member(realm=realm, origin=make_origin(request), **given)
        except TenantsError as error:
            context = refuse(form, error, field="email")
        else:
            messages.success(request, f"{form.cleaned_data['email']} gets an e-mail with a link to join.")
            return HttpResponseRedirect(request.path)
    found = list_members(realm=realm)
    policy = has_factor_policy(realm=realm)
    roles = [(role.value, role.label) for role in Role]
    return draw(request, "members", form=form, of=realm, members=found, needs_factor=policy, roles=roles, **context)


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
    except TenantsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)


def _back(request: RealmRequest, of: str) -> HttpResponse:
    page = "customers" if of != request.realm.name else "members"
    return HttpResponseRedirect(f"{request.realm.prefix}{page}")
