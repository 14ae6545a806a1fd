"""Pages behind the links of e-mails: joining, a new password, a new address, no more of these e-mails.

Following a link changes nothing: scanners of mail follow them too. The button does.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from audit.notices import NOTICES
from portal.accounts.forms import ForgotForm, JoinForm, NewPasswordForm
from portal.accounts.pages import draw, go, now, refuse
from portal.accounts.requests import RealmRequest, make_origin
from portal.accounts.views.sign_in import GET_POST
from tenants import TenantsError
from tenants.services.accounts.invitations import (
    accept_invitation,
    confirm_email,
    find_invitation,
    request_reset,
    reset_password,
)
from tenants.services.accounts.links import LinkRefusedError, Purpose, find_link
from tenants.services.notifications import UnknownSubscriptionError, mute_kind, read_subscription


@login_not_required
@require_http_methods(GET_POST)
def forgot(request: RealmRequest) -> HttpResponse:
    """The answer is one and the same, whoever has an account."""
    form = ForgotForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            request_reset(realm=request.realm, email=form.cleaned_data["email"], origin=make_origin(request))
        except TenantsError as error:
            context = refuse(form, error, field="email")
        else:
            return draw(request, "forgot_sent")
    return draw(request, "forgot", form=form, **context)


@login_not_required
@require_http_methods(GET_POST)
def reset(request: RealmRequest, token: str) -> HttpResponse:
    form = NewPasswordForm(request.POST or None)
    context: dict[str, Any] = {}
    try:
        find_link(realm=request.realm, purpose=Purpose.RESET, token=token, now=now())
        if form.is_valid():
            reset_password(realm=request.realm, token=token, origin=make_origin(request), **form.cleaned_data)
            messages.success(request, "Your password is changed. Sign in with it.")
            return go(request, "sign-in")
    except LinkRefusedError as error:
        return _dead(request, error)
    except TenantsError as error:
        context = refuse(form, error, field="password")
    return draw(request, "simple_form", form=form, title="Choose a new password", button="Save password", **context)


@login_not_required
@require_http_methods(GET_POST)
def invitation(request: RealmRequest, token: str) -> HttpResponse:
    origin = make_origin(request)
    try:
        link, tenant = find_invitation(realm=request.realm, token=token, origin=origin)
    except LinkRefusedError as error:
        return _dead(request, error)
    is_new = not link.person.has_usable_password()
    form = JoinForm(request.POST or None, initial={"name": link.person.name})
    context: dict[str, Any] = {"tenant": tenant, "email": link.person.email, "is_new": is_new}
    if request.method == "POST" and (not is_new or form.is_valid()):
        given = form.cleaned_data if is_new else {"name": "", "password": ""}
        try:
            accept_invitation(realm=request.realm, token=token, origin=origin, **given)
        except LinkRefusedError as error:  # somebody was faster
            return _dead(request, error)
        except TenantsError as error:
            context |= refuse(form, error, field="password")
        else:
            messages.success(request, "Welcome. Sign in to begin.")
            return go(request, "sign-in")
    return draw(request, "invitation", form=form, **context)


@login_not_required
@require_http_methods(GET_POST)
def email(request: RealmRequest, token: str) -> HttpResponse:
    try:
        link = find_link(realm=request.realm, purpose=Purpose.EMAIL, token=token, now=now())
        if request.method == "POST":
            confirm_email(realm=request.realm, token=token, origin=make_origin(request))
            messages.success(request, "Your e-mail address is changed. Sign in with it from now on.")
            return go(request, "account")
    except LinkRefusedError as error:
        return _dead(request, error)
    return draw(
        request, "simple_form", title="Confirm your e-mail address", lead=f"From now on: {link.email}", button="Confirm"
    )


@login_not_required
@require_http_methods(GET_POST)
def unsubscribe(request: RealmRequest, signed: str) -> HttpResponse:
    try:
        kind, _person = read_subscription(realm=request.realm, signed=signed)
        if request.method == "POST":
            mute_kind(realm=request.realm, signed=signed, origin=make_origin(request))
            return draw(request, "unsubscribed")
    except UnknownSubscriptionError as error:
        return _dead(request, error)
    lead = f"We stop sending you e-mails that say: {NOTICES[kind].sentence}"
    return draw(request, "simple_form", title="Unsubscribe", lead=lead, button="Unsubscribe")


def _dead(request: RealmRequest, error: TenantsError) -> HttpResponse:
    return draw(request, "dead_link", status=404, reason=str(error))
