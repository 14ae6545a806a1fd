"""All addresses: the surfaces side by side, as far as this process serves them. Health answers everywhere."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import URLPattern, URLResolver, include, path

from labsninja.health import collect_health, livez, readyz
from portal.public.views.status import status
from portal.urls import list_surface
from scim.api.views.events import EventsView
from tenants.realms import ADMIN

handler400 = "portal.public.views.errors.bad_request"
handler403 = "portal.public.views.errors.permission_denied"
handler404 = "portal.public.views.errors.page_not_found"
handler500 = "portal.public.views.errors.server_error"

_SCIM = [
    path("scim/v2", include("scim.api.urls")),
    path("events", EventsView.as_view()),
    path("", include("scim.api.oauth.urls")),
]
_ADMIN = list_surface(
    ADMIN, path("admin", lambda _request: HttpResponseRedirect(ADMIN.prefix)), path("admin/", admin.site.urls)
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    *(_SCIM if "scim" in settings.LABSNINJA_SURFACES else ()),
    *_ADMIN,
    path("status", status, {"collect_health": collect_health}, name="status"),
    path("", include("portal.urls")),
]
