"""Setting up second factors: the authenticator app, passkeys, recovery codes."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.forms import AppForm, PasskeyForm
from portal.accounts.pages import draw, go, pending_allowed, refuse, stepped_up
from portal.accounts.requests import RealmRequest, make_origin, make_site, next_url
from portal.accounts.views.sign_in import CHALLENGE, GET_POST
from tenants import TenantsError
from tenants.services.accounts.factors import (
    add_app,
    add_key,
    remove_app,
    remove_key,
)
from tenants.services.accounts.passkeys import list_passkeys, open_registration
from tenants.services.accounts.recovery_codes import generate_recovery_codes
from tenants.services.accounts.sessions import confirm_session
from tenants.services.accounts.sign_in import Step, decide_step
from tenants.services.accounts.totp import draw_totp, make_totp_secret

SECRET = "totp_secret"  # noqa: S105  # a key of the session's data, not a password


@pending_allowed
@require_http_methods(["GET"])
def enroll(request: RealmRequest) -> HttpResponse:
    """Whoever has to have a second factor and has none chooses one here."""
    if request.pending is None or decide_step(realm=request.realm, person=request.pending) != Step.ENROLL:
        return HttpResponseRedirect(next_url(request))
    return draw(request, "enroll", next=next_url(request))


@pending_allowed
@require_http_methods(GET_POST)
def app(request: RealmRequest) -> HttpResponse:
    """The QR code, its text key, and a first code that proves the app has it."""
    if (asked := _require_step_up(request)) is not None:
        return asked
    person = request.person or request.pending
    secret = request.session.get(SECRET) or make_totp_secret()
    request.session[SECRET] = secret
    form = AppForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            code, origin = form.cleaned_data["code"], make_origin(request, person)
            add_app(realm=request.realm, person=person, secret=secret, code=code, origin=origin)
        except TenantsError as error:
            context = refuse(form, error, field="code")
        else:
            del request.session[SECRET]
            return _finish(request, "totp")
    drawn = mark_safe(draw_totp(secret=secret, email=person.email))  # noqa: S308  # segno's own output, no text of people
    key = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return draw(request, "app", form=form, drawn=drawn, key=key, next=next_url(request), **context)


@require_POST
@stepped_up
def app_removed(request: RealmRequest) -> HttpResponse:
    try:
        remove_app(realm=request.realm, person=request.person, origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
    return go(request, "account")


@pending_allowed
@require_http_methods(GET_POST)
def passkey(request: RealmRequest) -> HttpResponse:
    """Adding a passkey: the browser makes it, we keep its public half."""
    if (asked := _require_step_up(request)) is not None:
        return asked
    person, site = request.person or request.pending, make_site(request)
    form = PasskeyForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        given = {"challenge": request.session.pop(CHALLENGE, ""), "site": site, "origin": make_origin(request, person)}
        try:
            add_key(realm=request.realm, person=person, **form.cleaned_data, **given)
        except TenantsError as error:
            context = refuse(form, error)
        else:
            return _finish(request, "passkey")
    challenge, options = open_registration(realm=request.realm, person=person, site=site)
    request.session[CHALLENGE] = challenge
    return draw(request, "passkey", form=form, options=json.dumps(options), next=next_url(request), **context)


@require_POST
@stepped_up
def passkey_removed(request: RealmRequest, passkey_id: UUID) -> HttpResponse:
    try:
        remove_key(realm=request.realm, person=request.person, passkey_id=passkey_id, origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
    return go(request, "account")


@require_http_methods(GET_POST)
@stepped_up
def recovery_codes(request: RealmRequest) -> HttpResponse:
    """New codes are shown in the answer to the POST alone, and never again."""
    codes: Any = ()
    if request.method == "POST":
        codes = generate_recovery_codes(realm=request.realm, person=request.person, origin=make_origin(request))
    return draw(request, "recovery_codes", codes=codes, text="\n".join(codes))


def _require_step_up(request: RealmRequest) -> HttpResponse | None:
    """Whoever is signed in shows again who they are; whoever sets up a first factor has just given the password."""
    if request.person is not None:
        asked = stepped_up(lambda *_: HttpResponse(status=204))(request)
        return asked if isinstance(asked, HttpResponseRedirect) else None
    if decide_step(realm=request.realm, person=request.pending) != Step.ENROLL:
        return go(request, "factor")
    return None


def _finish(request: RealmRequest, factor: str) -> HttpResponse:
    if request.pending is not None:
        confirm_session(session=request.session, person=request.pending, factor=factor, origin=make_origin(request))
        return go(request, "recovery-codes")
    has_codes = bool(list_passkeys(realm=request.realm, person=request.person)) or request.person.totp_secret
    messages.success(request, "Your second factor is set up." if has_codes else "Done.")
    return go(request, "account")
