"""One's own account: name, password, e-mail address, sessions, and what happened to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from audit.notices import NOTICES, Audience, Kind
from audit.presenters import describe_event
from audit.queries import list_events_of
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context
from portal.accounts.forms import EmailForm, NameForm, NewPasswordForm
from portal.accounts.pages import draw, go, now, refuse, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.accounts.views.sign_in import GET_POST
from tenants import TenantsError
from tenants.realms import CONSOLE
from tenants.services.accounts.invitations import request_email
from tenants.services.accounts.passkeys import list_passkeys
from tenants.services.accounts.passwords import change_password
from tenants.services.accounts.people import change_name
from tenants.services.accounts.recovery_codes import count_recovery_codes
from tenants.services.accounts.sessions import end_sessions, list_sessions, name_device
from tenants.services.accounts.sign_in import is_factor_required
from tenants.services.notifications import is_told, list_choices, set_notices

NEWEST = 20  # events of the history


@require_http_methods(["GET"])
def account(request: RealmRequest) -> HttpResponse:
    realm, person = request.realm, request.person
    sessions = list_sessions(realm=realm, person=person, now=now())
    shown = [(row, name_device(user_agent=row.user_agent), row.id == request.session.row.id) for row in sessions]
    return draw(
        request,
        "account",
        person=person,
        passkeys=list_passkeys(realm=realm, person=person),
        codes_left=count_recovery_codes(realm=realm, person=person),
        needs_factor=is_factor_required(realm=realm, person=person),
        sessions=shown,
        sentences=_tell_history(person),
    )


@require_http_methods(GET_POST)
def name(request: RealmRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.person.name})
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            change_name(realm=request.realm, person=request.person, origin=make_origin(request), **form.cleaned_data)
        except TenantsError as error:
            context = refuse(form, error, field="name")
        else:
            messages.success(request, "Your name is changed.")
            return go(request, "account")
    return draw(request, "simple_form", form=form, title="Change your name", button="Save", **context)


@require_http_methods(GET_POST)
@stepped_up
def password(request: RealmRequest) -> HttpResponse:
    """Every other session ends."""
    form = NewPasswordForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        kept = request.session.row.id
        try:
            change_password(
                realm=request.realm,
                person=request.person,
                password=form.cleaned_data["password"],
                keep_session=kept,
                origin=make_origin(request),
            )
        except TenantsError as error:
            context = refuse(form, error, field="password")
        else:
            messages.success(request, "Your password is changed, and every other session of yours has ended.")
            return go(request, "account")
    return draw(request, "simple_form", form=form, title="Change your password", button="Change password", **context)


@require_http_methods(GET_POST)
@stepped_up
def email(request: RealmRequest) -> HttpResponse:
    form = EmailForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            request_email(realm=request.realm, person=request.person, origin=make_origin(request), **form.cleaned_data)
        except TenantsError as error:
            context = refuse(form, error, field="email")
        else:
            messages.success(
                request, "Follow the link that we have sent to the new address. Until then nothing changes."
            )
            return go(request, "account")
    return draw(
        request, "simple_form", form=form, title="Change your e-mail address", button="Send the link", **context
    )


@require_POST
def session_ended(request: RealmRequest, session_id: UUID) -> HttpResponse:
    end_sessions(realm=request.realm, person=request.person, only=session_id, origin=make_origin(request))
    messages.success(request, "That session has ended.")
    return go(request, "account")


@require_POST
def sessions_ended(request: RealmRequest) -> HttpResponse:
    """All but this one."""
    kept = request.session.row.id
    ended = end_sessions(realm=request.realm, person=request.person, keep=kept, origin=make_origin(request))
    messages.success(request, f"{ended} other sessions have ended." if ended != 1 else "One other session has ended.")
    return go(request, "account")


@require_POST
def signed_out_everywhere(request: RealmRequest) -> HttpResponse:
    """This one too."""
    end_sessions(realm=request.realm, person=request.person, origin=make_origin(request))
    request.session.flush()
    messages.success(request, "You are signed out everywhere.")
    return go(request, "sign-in")


@require_http_methods(GET_POST)
def notices(request: RealmRequest) -> HttpResponse:
    """Everything that is told, to whom and how, and which of the e-mails the person wants."""
    realm, person = request.realm, request.person
    if request.method == "POST":
        wanted = {kind for kind in Kind if kind in request.POST.getlist("wanted")}
        set_notices(realm=realm, person=person, wanted=wanted, origin=make_origin(request))
        messages.success(request, "Saved. The next e-mails go by it.")
        return go(request, "notices")
    choices = list_choices(realm=realm, person=person)
    is_operator = realm == CONSOLE
    rows = [
        (kind, notice, is_told(realm=realm, kind=kind), choices.get(kind))
        for kind, notice in NOTICES.items()
        if (is_operator and notice.audience is not Audience.STRANGER) or is_told(realm=realm, kind=kind)
    ]
    return draw(request, "notices", rows=rows, is_operator=is_operator)


def _tell_history(person: Any) -> list[str]:
    """The newest events about the account, newest first: from the deployment's log, where signing in is written."""
    with tenant_context(DEPLOYMENT_TENANT_ID):
        found = list_events_of(target_id=person.id)
    return [describe_event(event) for event in reversed(found[-NEWEST:])]
