"""Signing in and out, and showing once more who is there."""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.forms import FactorForm, SignInForm, StepUpCodeForm, StepUpPasswordForm
from portal.accounts.pages import draw, go, pending_allowed, refuse, status_of
from portal.accounts.requests import RealmRequest, make_origin, make_site, next_url
from tenants import TenantsError
from tenants.services.accounts.passkeys import list_passkeys, open_assertion
from tenants.services.accounts.sessions import end_session
from tenants.services.accounts.sign_in import (
    Step,
    authenticate_again,
    authenticate_again_by_passkey,
    authenticate_by_code,
    authenticate_by_passkey,
    authenticate_by_password,
    decide_step,
)

CHALLENGE = "passkey_challenge"
GET_POST = ["GET", "POST"]


@login_not_required
@require_http_methods(GET_POST)
def sign_in(request: RealmRequest) -> HttpResponse:
    if request.person is not None:
        return HttpResponseRedirect(next_url(request))
    form = SignInForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            step = authenticate_by_password(session=request.session, origin=make_origin(request), **form.cleaned_data)
        except TenantsError as error:
            context = refuse(form, error)
        else:
            rotate_token(request)
            return _after(request, step)
    return draw(request, "sign_in", form=form, next=next_url(request), passkey=offer_passkey(request, None), **context)


@login_not_required
@require_POST
def by_passkey(request: RealmRequest) -> HttpResponse:
    """First step and second in one; also the second after a password."""
    try:
        authenticate_by_passkey(session=request.session, origin=make_origin(request), **_answer(request))
    except TenantsError as error:
        options = offer_passkey(request, None)
        context = {"form": SignInForm(), "next": next_url(request), "passkey": options, "passkey_error": str(error)}
        return draw(request, "sign_in", status=status_of(error), **context)
    rotate_token(request)
    return HttpResponseRedirect(next_url(request))


@pending_allowed
@require_http_methods(GET_POST)
def factor(request: RealmRequest) -> HttpResponse:
    """The second step after a password."""
    if request.pending is None:
        return HttpResponseRedirect(next_url(request))
    if decide_step(realm=request.realm, person=request.pending) != Step.FACTOR:
        return go(request, "enroll")
    form = FactorForm(request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            authenticate_by_code(session=request.session, code=form.cleaned_data["code"], origin=make_origin(request))
        except TenantsError as error:
            context = refuse(form, error, field="code")
        else:
            rotate_token(request)
            return HttpResponseRedirect(next_url(request))
    passkey = offer_passkey(request, request.pending)
    return draw(request, "factor", form=form, next=next_url(request), passkey=passkey, **context)


@require_http_methods(GET_POST)
def confirm(request: RealmRequest) -> HttpResponse:
    """Step-up, for what is secret or destructive."""
    form_class = StepUpPasswordForm if request.person.totp_secret is None else StepUpCodeForm
    is_passkey = bool(request.POST.get("passkey"))
    form = form_class(request.POST if request.POST and not is_passkey else None)
    context: dict[str, Any] = {}
    if is_passkey or form.is_valid():
        try:
            _confirm(request, form, is_passkey=is_passkey)
        except TenantsError as error:
            told = {"passkey_error": str(error), "status": status_of(error)}
            context = told if is_passkey else refuse(form, error, field="answer")
        else:
            return HttpResponseRedirect(next_url(request))
    passkey = offer_passkey(request, request.person)
    return draw(request, "confirm", form=form, next=next_url(request), passkey=passkey, **context)


@require_POST
@pending_allowed
def sign_out(request: RealmRequest) -> HttpResponse:
    end_session(session=request.session, origin=make_origin(request))
    return go(request, "sign-in")


def offer_passkey(request: RealmRequest, person: Any | None) -> str:
    """JSON for the browser; empty when the person has no passkey. The challenge stays in the session."""
    if person is not None and not list_passkeys(realm=request.realm, person=person):
        return ""
    challenge, options = open_assertion(realm=request.realm, person=person, site=make_site(request))
    request.session[CHALLENGE] = challenge
    return json.dumps(options)


def _answer(request: RealmRequest) -> dict[str, Any]:
    """What a passkey signed, and the challenge that it had to sign: good once."""
    challenge = request.session.pop(CHALLENGE, "")
    return {"answer": request.POST.get("passkey", ""), "challenge": challenge, "site": make_site(request)}


def _confirm(request: RealmRequest, form: Any, *, is_passkey: bool) -> None:
    origin, session = make_origin(request), request.session
    if is_passkey:
        authenticate_again_by_passkey(session=session, origin=origin, **_answer(request))
    else:
        authenticate_again(session=session, answer=form.cleaned_data["answer"], origin=origin)


def _after(request: RealmRequest, step: Step) -> HttpResponse:
    if step == Step.DONE:
        return HttpResponseRedirect(next_url(request))
    answer = go(request, "enroll" if step == Step.ENROLL else "factor")
    wanted = next_url(request)
    return HttpResponseRedirect(f"{answer.url}?next={wanted}" if wanted != request.realm.prefix else answer.url)
