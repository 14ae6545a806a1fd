"""What account pages have in common: how they are drawn, how a refusal becomes a message beside the field, step-up."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode

from portal.accounts.requests import RealmRequest, realm_url
from tenants import TenantsError
from tenants.services.accounts.passwords import PasswordRefusedError
from tenants.services.accounts.sessions import is_stepped_up
from tenants.services.accounts.throttling import TooManyAttemptsError
from tenants.services.roles import RoleRefusedError

View = Callable[..., HttpResponse]
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
STATUSES = {TooManyAttemptsError: HTTPStatus.TOO_MANY_REQUESTS, RoleRefusedError: HTTPStatus.FORBIDDEN}


def draw(request: RealmRequest, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    """A page of the account templates."""
    return render(request, f"accounts/{template}.html", {"realm": request.realm, **context}, status=status)


def refuse(form: forms.Form, error: TenantsError, *, field: str | None = None) -> dict[str, Any]:
    """Put what a service refused beside `field`, or above the form. Gives the status to answer with."""
    reasons = error.reasons if isinstance(error, PasswordRefusedError) else [str(error)]
    for reason in reasons:
        form.add_error(field if field in form.fields else None, reason)
    return {"status": status_of(error)}


def status_of(error: TenantsError) -> int:
    """429 for too many attempts, 403 for a role that is missing, 422 for the rest."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), UNPROCESSABLE)


def go(request: RealmRequest, name: str, *values: Any) -> HttpResponseRedirect:
    """To another account page."""
    return HttpResponseRedirect(realm_url(request.realm, name, *values))


def pending_allowed(view: View) -> View:
    """Decorator: whoever owes a second factor may come here, and so may who is signed in."""
    view.allows_pending = True  # type: ignore[attr-defined]  # the middleware looks for it
    return view


def stepped_up(view: View) -> View:
    """Decorator: whoever has not shown within five minutes who they are is asked first, and comes back."""

    @wraps(view)
    def ask_first(request: RealmRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_stepped_up(row=request.session.row, now=datetime.now(UTC)):
            return view(request, *args, **kwargs)
        return HttpResponseRedirect(f"{realm_url(request.realm, 'confirm')}?{urlencode({'next': _way_back(request)})}")

    return ask_first


def _way_back(request: RealmRequest) -> str:
    """The page itself; of what was sent, the page whose form it was, if that is one of the realm's."""
    if request.method == "GET":
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.get_host() and came_from.path.startswith(request.realm.prefix)
    return came_from.path if is_ours else realm_url(request.realm, "account")


def now() -> datetime:
    return datetime.now(UTC)
