"""Session, CSRF, authentication and messages of the three realms, each with tables and a cookie of its own.

They subclass Django's own, as the admin's checks ask. Outside the realms' prefixes each steps aside at once: there is
no session on SCIM and on the public site.
"""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from portal.accounts.requests import RealmRequest, make_origin, public_url
from tenants.realms import REALMS, Realm
from tenants.services.accounts.session_store import RealmSession

GetResponse = Callable[[HttpRequest], HttpResponse]
SERVER_ERROR: Final = 500
# What a session that owes its second factor may open.
PENDING_ALLOWED: Final = "allows_pending"
EVERYWHERE: Final = ("/livez", "/readyz", "/static/")


def find_realm(request: HttpRequest) -> Realm | None:
    """The realm whose pages this process serves at the path."""
    realm = next((realm for realm in REALMS.values() if request.path_info.startswith(realm.prefix)), None)
    return realm if realm is not None and realm.name in settings.LABSNINJA_SURFACES else None


def _keep_hosts_apart(request: HttpRequest) -> None:
    """A host of its own serves its realm and nothing else, and no other host serves that realm. Raises Http404."""
    hosts = settings.LABSNINJA_SURFACE_HOSTS
    if not hosts or request.path_info.startswith(EVERYWHERE):
        return
    here = hosts.get(request.get_host())
    meant = next((realm.name for realm in REALMS.values() if request.path_info.startswith(realm.prefix)), None)
    wanted = meant if meant in hosts.values() else None
    if here != wanted or (here is not None and meant != here):
        raise Http404


def cookie_name(realm: Realm, *, is_secure: bool) -> str:
    """With TLS the name promises what the cookie is: bound to this host where the realm has one of its own."""
    if not is_secure:
        return realm.cookie
    return f"__Host-{realm.cookie}" if _has_host(realm) else f"__Secure-{realm.cookie}"


def _has_host(realm: Realm) -> bool:
    return realm.name in settings.LABSNINJA_SURFACE_HOSTS.values()


class RealmSessionMiddleware(SessionMiddleware):
    """Gives the request `realm` and `session`."""

    def __init__(self, get_response: GetResponse) -> None:
        # Past SessionMiddleware's own, which would import one engine for all.
        super(SessionMiddleware, self).__init__(get_response)

    def __call__(self, request: Any) -> HttpResponse:
        _keep_hosts_apart(request)
        realm = find_realm(request)
        request.realm = realm
        if realm is None:
            return self.get_response(request)  # type: ignore[return-value]  # ours is never async
        is_secure = public_url(request).startswith("https://")
        name = cookie_name(realm, is_secure=is_secure)
        request.session = RealmSession(
            request.COOKIES.get(name),
            realm=realm,
            origin=make_origin(request),
        )
        answer: HttpResponse = self.get_response(request)  # type: ignore[assignment]  # ours is never async
        return self._finish(request, answer, name, is_secure=is_secure)

    def _finish(self, request: RealmRequest, answer: HttpResponse, name: str, *, is_secure: bool) -> HttpResponse:
        """Save what changed and set the cookie. Nothing that belongs to a session is for a cache."""
        session, realm = request.session, request.realm
        path = "/" if _has_host(realm) else realm.prefix
        patch_vary_headers(answer, ("Cookie",))
        answer.headers.setdefault("Cache-Control", "no-store")
        if session.is_empty():
            if name in request.COOKIES:
                answer.delete_cookie(name, path=path, samesite="Lax")
        elif session.modified and answer.status_code < SERVER_ERROR:
            try:
                session.save()
            except UpdateError:  # ended while this request ran, or by it: what is left belongs to nobody
                session.create()
            if request.COOKIES.get(name) != session.session_key:
                answer.set_cookie(
                    name, session.session_key or "", path=path, secure=is_secure, httponly=True, samesite="Lax"
                )
        return answer


class RealmCsrfMiddleware(CsrfViewMiddleware):
    """The token lives in the realm's session, so that of another realm is worth nothing."""

    def process_request(self, request: Any) -> None:
        if request.realm is not None:
            super().process_request(request)

    def process_view(self, request: Any, callback: Any, args: Any, kwargs: Any) -> HttpResponseForbidden | None:
        if request.realm is None:
            return None
        return super().process_view(request, callback, args, kwargs)


class RealmAuthenticationMiddleware(AuthenticationMiddleware):
    """Gives `person` and `pending`, and Django's `user`. A view below a realm's prefix asks for a signed-in person
    unless it says otherwise (`login_not_required`).
    """

    def __call__(self, request: Any) -> HttpResponse:
        if request.realm is not None:
            request.session.get("")  # loads the row
            row = request.session.row
            is_complete = row is not None and row.confirmed_at is not None
            request.person = row.person if is_complete else None
            request.pending = row.person if row and not is_complete else None
            request.user = row.person if is_complete else AnonymousUser()
        return self.get_response(request)  # type: ignore[return-value]  # ours is never async

    def process_view(self, request: Any, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if request.realm is None or request.person is not None or not getattr(view, "login_required", True):
            return None
        if request.pending is not None and getattr(view, PENDING_ALLOWED, False):
            return None
        address = reverse(f"accounts-{request.realm.name}:sign-in")
        wanted = request.get_full_path() if request.method == "GET" else ""
        query = f"?{urlencode({'next': wanted})}" if wanted and wanted != request.realm.prefix else ""
        if request.headers.get("HX-Request"):  # a fragment cannot become a page to sign in on
            return HttpResponse(status=204, headers={"HX-Redirect": address})
        return HttpResponseRedirect(address + query)


class RealmMessageMiddleware(MessageMiddleware):
    """Messages travel in the realm's session."""

    def process_request(self, request: Any) -> None:
        if request.realm is not None:
            super().process_request(request)
