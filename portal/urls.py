"""Addresses of the surfaces for people, as far as this process serves them.

Where the admin has a process of its own, the others only know the way there.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, include, path

from portal.accounts.urls import account_urls
from tenants.realms import ADMIN, CONSOLE, PORTAL, Realm


def way_to_admin(request: HttpRequest, rest: str = "") -> HttpResponse:
    """To the admin's own process: on this machine under the name by which the browser came."""
    url = settings.LABSNINJA_SURFACE_URLS[ADMIN.name]
    host = request.get_host().partition(":")[0]
    return HttpResponseRedirect(f"{url.replace('//localhost:', f'//{host}:')}{ADMIN.prefix}{rest}")


def list_surface(realm: Realm, *own: URLPattern | URLResolver) -> list[URLPattern | URLResolver]:
    """A realm's account pages and its own; nothing when another process serves it."""
    if realm.name not in settings.LABSNINJA_SURFACES:
        return []
    return [path(realm.prefix[1:], account_urls(realm)), *own]


def _redirect(realm: Realm) -> URLPattern:
    return path(realm.prefix.strip("/"), lambda _request: HttpResponseRedirect(realm.prefix))


_ELSEWHERE = [path("admin", way_to_admin), path("admin/", way_to_admin), path("admin/<path:rest>", way_to_admin)]

urlpatterns: list[URLPattern | URLResolver] = [
    *list_surface(CONSOLE, _redirect(CONSOLE), path("console/", include("portal.console.urls"))),
    *list_surface(PORTAL, _redirect(PORTAL), path("portal/", include("portal.customer.urls"))),
    *([path("setup/", include("portal.setup.urls"))] if CONSOLE.name in settings.LABSNINJA_SURFACES else []),
    *([] if ADMIN.name in settings.LABSNINJA_SURFACES else _ELSEWHERE),
    path("", include("portal.public.urls")),
]
