"""Verifying the history from the console: a range is chosen, and each answer checks a part of it and asks for the next.

The state of a check travels with the page, signed: nothing is kept here, and a closed window ends it.
"""

from dataclasses import asdict
from typing import Any, Final

from django import forms
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from audit.checking import BrokenHistoryError, Check, begin_check, check_some
from audit.signing import list_keys
from audit.stored_tree import NothingSealedError
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from portal.shared.htmx import render_page

LONGEST_STATE: Final = 400


class RangeForm(forms.Form):
    """Days in UTC, both whole; empty is from the first event, and to the last."""

    since = forms.DateTimeField(required=False, label="From")
    until = forms.DateTimeField(required=False, label="To")


@require_safe
@member_page()
def verify(request: RealmRequest) -> HttpResponse:
    """The form, or with `run` one step of a check."""
    form = RangeForm(request.GET)
    context: dict[str, Any] = {"form": form, "given": request.GET, "slug": request.tenant.slug}
    if "run" in request.GET:
        context |= _go_on(request, request.GET["run"])
    elif "begin" in request.GET and form.is_valid():
        context |= _begin(request, form)
    if request.htmx:
        return render_page(request, "console/audit_verify.html", "console/_audit_check.html", context)
    return draw_for_member(request, "console/audit_verify", status=422 if form.errors else 200, **context)


@require_safe
@member_page()
def key(request: RealmRequest) -> HttpResponse:
    """Public keys, as verify.py takes them with --key. Whoever distrusts this server gets them another way."""
    lines = "".join(f"{known.text}\n" for known in list_keys())
    name = f'attachment; filename="{request.tenant.slug}.keys"'
    return HttpResponse(lines, content_type="text/plain; charset=utf-8", headers={"Content-Disposition": name})


def _begin(request: RealmRequest, form: RangeForm) -> dict[str, Any]:
    try:
        check = begin_check(since=form.cleaned_data["since"], until=form.cleaned_data["until"])
    except NothingSealedError:
        return {"waiting": True}
    return _tell(request, check)


def _go_on(request: RealmRequest, text: str) -> dict[str, Any]:
    try:
        told = _signer(request).unsign_object(text) if len(text) <= LONGEST_STATE else None
    except BadSignature:
        told = None
    if not isinstance(told, dict):
        raise Http404
    try:
        return _tell(request, check_some(check=Check(**told)), is_checked=True)
    except BrokenHistoryError as error:
        return {"broken": str(error)}


def _tell(request: RealmRequest, check: Check, *, is_checked: bool = False) -> dict[str, Any]:
    """How far it is, and where the next step is."""
    state = _signer(request).sign_object(asdict(check))
    is_proved = is_checked and check.is_done
    again = "" if is_proved else f"{reverse('console:audit-verify')}?{urlencode({'run': state})}"
    return {"check": check, "is_proved": is_proved, "again": again}


def _signer(request: RealmRequest) -> Signer:
    return Signer(salt=f"console.audit.check.{request.tenant.id}")
