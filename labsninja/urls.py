"""All addresses: the surfaces side by side."""

from django.urls import URLPattern, URLResolver, include, path

from labsninja.health import livez, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", livez),
    path("readyz", readyz),
    path("scim/v2", include("scim.api.urls")),
    path("", include("scim.api.oauth.urls")),
]
