"""All addresses: the surfaces side by side."""

from django.urls import URLPattern, URLResolver, include, path

from labsninja.health import collect_health, livez, readyz
from portal.public.views.status import status

handler400 = "portal.public.views.errors.bad_request"
handler403 = "portal.public.views.errors.permission_denied"
handler404 = "portal.public.views.errors.page_not_found"
handler500 = "portal.public.views.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    path("scim/v2", include("scim.api.urls")),
    path("", include("scim.api.oauth.urls")),
    path("status", status, {"collect_health": collect_health}, name="status"),
    path("", include("portal.urls")),
]
