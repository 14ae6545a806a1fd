"""The session of whoever opened a set-up link: a cookie of its own, for the pages of that one link and nothing else.

It is none of the three realms': nobody is signed in. What comes in by a form carries a key that is made of the cookie,
so that no other site can send one.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from audit.actors import Actor, ActorKind, Origin
from labsninja.kernel.edge import client_address, client_agent, public_base_url
from labsninja.kernel.isolation import bind_tenant
from tenants.models import SetupLink
from tenants.services.accounts.throttling import TooManyAttemptsError
from tenants.services.setup_visits import Refusal, VisitRefusedError, find_setup_tenant, refuse_unknown

COOKIE: Final = "ln_setup"
FORM_KEY: Final = "form_key"
# A link that once was good is gone (410); of one that nobody has nothing is told.
STATUSES: Final = {Refusal.UNKNOWN: 404, Refusal.USED: 403, Refusal.SUSPENDED: 403}
GONE, TOO_MANY = 410, 429
PRIVATE: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
View = Callable[..., HttpResponse]


def setup_page(view: View) -> View:
    """Decorator: binds the link's tenant, tells why a link opens nothing, and keeps the answer from everybody else."""

    @wraps(view)
    def show(request: HttpRequest, link_id: UUID, *args: str, **kwargs: str) -> HttpResponse:
        try:
            tenant_id = find_setup_tenant(link_id=link_id)
            if tenant_id is None:
                refuse_unknown(origin=make_setup_origin(request))
            bind_tenant(tenant_id)
            answer = view(request, link_id, *args, **kwargs)
        except VisitRefusedError as error:
            answer = _refuse(request, link_id, error.refusal)
        except TooManyAttemptsError as error:
            answer = render(request, "setup/ended.html", {"wait": error.seconds}, status=TOO_MANY)
        for name, value in PRIVATE.items():
            answer.headers[name] = value
        return answer

    return show


def make_setup_origin(request: HttpRequest) -> Origin:
    """Somebody without an account; a service that has seen the secret says whose link they hold."""
    return Origin(
        Actor(ActorKind.ANONYMOUS),
        "setup",
        request_id=request.META["labsninja.request_id"],
        address=client_address(request),
        user_agent=client_agent(request),
    )


def read_session(request: HttpRequest) -> str:
    """The secret of the session, or empty."""
    return request.COOKIES.get(_cookie_name(request), "")


def set_session(request: HttpRequest, answer: HttpResponse, link: SetupLink, secret: str) -> None:
    """Until the link expires, on its own pages alone."""
    answer.set_cookie(
        _cookie_name(request),
        secret,
        max_age=int((link.expires_at - datetime.now(UTC)).total_seconds()),
        path=reverse("setup:page", args=[link.id]),
        secure=_is_secure(request),
        httponly=True,
        samesite="Lax",
    )


def make_form_key(*, session: str) -> str:
    """What a form of this session carries."""
    return hmac.digest(session.encode(), b"form", sha256).hex()


def matches_form_key(request: HttpRequest) -> bool:
    """Whether a page of this session sent the form."""
    key = make_form_key(session=read_session(request))
    return hmac.compare_digest(key.encode(), request.POST.get(FORM_KEY, "").encode())


def _refuse(request: HttpRequest, link_id: UUID, refusal: Refusal) -> HttpResponse:
    """A page; what htmx asks for within one leads there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("setup:page", args=[link_id])})
    return render(request, "setup/ended.html", {"refusal": refusal.name}, status=STATUSES.get(refusal, GONE))


def _cookie_name(request: HttpRequest) -> str:
    return f"__Secure-{COOKIE}" if _is_secure(request) else COOKIE


def _is_secure(request: HttpRequest) -> bool:
    return public_base_url(request).startswith("https://")
