"""The tenant's settings: its rules for the directory, how tolerant it is, how people sign in, how long what is kept.

Each section is a form of its own, and saving it one call of a service.
"""

from typing import Any
from uuid import UUID

from django.conf import settings as deployment
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.presenters import describe_event
from audit.queries import list_events_of
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import refuse, status_of, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.settings_forms import SIDES, DirectoryForm, LifecycleForm, SignInForm, describe_rules
from scim.queries.group_names import MOST_TOLD, list_shared_names
from scim.services.directory_options import change_directory_options
from tenants import TenantsError
from tenants.models import Role
from tenants.queries import list_client_uses
from tenants.realms import REALMS
from tenants.services.accounts.sign_in_policy import change_sign_in_rules, find_sign_in_rules
from tenants.services.client_options import change_strictness
from tenants.services.lifecycle import LIFECYCLE, change_lifecycle

NEWEST = 5  # events below the forms
IN_FORCE = "in force within 5 seconds"


@require_safe
@member_page()
def settings(request: RealmRequest) -> HttpResponse:
    return _draw(request)


@require_POST
@member_page()
def directory_changed(request: RealmRequest) -> HttpResponse:
    form = DirectoryForm(request.POST)
    if not form.is_valid():
        return _draw(request, status=422, directory_form=form)
    try:
        change_directory_options(options=form.cleaned_data, origin=make_origin(request))
    except TenantsError as error:
        return _draw(request, **refuse(form, error), directory_form=form)
    return _done(request, f"The rules for the directory are saved, and {IN_FORCE}.")


@require_POST
@member_page()
def lifecycle_changed(request: RealmRequest) -> HttpResponse:
    form = LifecycleForm(request.POST)
    if not form.is_valid():
        return _draw(request, status=422, lifecycle_form=form)
    try:
        change_lifecycle(values=form.cleaned_data, origin=make_origin(request))
    except TenantsError as error:
        return _draw(request, **refuse(form, error, field=getattr(error, "field", None)), lifecycle_form=form)
    return _done(request, "What becomes of people who leave is saved, and in force.")


@require_POST
@member_page()
def tolerance_changed(request: RealmRequest) -> HttpResponse:
    """Which SCIM clients are held to the RFC; names of others are passed over."""
    chosen = set(request.POST.getlist("strict"))
    strict: list[UUID] = [use.client.id for use in list_client_uses() if str(use.client.id) in chosen]
    try:
        change_strictness(strict=strict, origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
        return _draw(request, status=status_of(error))
    return _done(request, f"The tolerance is saved, and {IN_FORCE}.")


@require_POST
@member_page()
@stepped_up
def sign_in_changed(request: RealmRequest) -> HttpResponse:
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _draw(request, status=422, sign_in_form=form)
    try:
        change_sign_in_rules(rules=form.read(), origin=make_origin(request))
    except TenantsError as error:
        return _draw(request, **refuse(form, error, field=getattr(error, "field", None)), sign_in_form=form)
    return _done(request, "How people sign in is saved, and counts from now on.")


def _draw(request: RealmRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, with the form that was refused in place of what is stored."""
    tenant = request.tenant
    rules = {realm: find_sign_in_rules(realm=REALMS[realm]) for realm in SIDES.values()}
    events = list_events_of(target_id=tenant.id)[-NEWEST:]
    context: dict[str, Any] = {
        "directory_form": DirectoryForm({name: getattr(tenant, name) for name in DirectoryForm.base_fields}),
        "lifecycle_form": LifecycleForm(initial={name: getattr(tenant, name) for name in LIFECYCLE}),
        "sign_in_form": SignInForm(initial=describe_rules(rules)),
        "shared": list_shared_names() if tenant.unique_group_names else [],
        "most_told": MOST_TOLD,
        "uses": list_client_uses(),
        "is_owner": request.membership.role == Role.OWNER,
        "kept": _list_kept(),
        "sentences": [describe_event(event) for event in reversed(events)],
        **forms,
    }
    return draw_for_member(request, "console/settings", status=status, **context)


def _list_kept() -> list[tuple[str, str]]:
    """What this deployment keeps for how long."""
    named = (
        ("Requests of identity providers", deployment.LABSNINJA_REQUEST_LOG_RETENTION_DAYS),
        ("Audit events", deployment.LABSNINJA_AUDIT_RETENTION_DAYS),
    )
    return [(name, f"{days} days" if days else "for ever") for name, days in named]


def _done(request: RealmRequest, told: str) -> HttpResponse:
    messages.success(request, told)
    return HttpResponseRedirect(reverse("console:settings"))
