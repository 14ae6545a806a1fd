"""A Django project with django-scim2 alone, served by gunicorn: PEER_DATABASE is its database."""

import json
import os
from collections.abc import Callable
from types import SimpleNamespace

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    AUTH_USER_MODEL="people.User",
    DATABASES={"default": {**json.loads(os.environ["PEER_DATABASE"]), "CONN_MAX_AGE": None}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "people"],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        f"{__name__}.BearerMiddleware",
        "django_scim.middleware.SCIMAuthCheckMiddleware",
    ],
    MIGRATION_MODULES={"auth": None, "contenttypes": None},  # all tables at once
    ROOT_URLCONF=__name__,
    SCIM_SERVICE_PROVIDER={
        "NETLOC": "127.0.0.1",
        "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "bench", "description": "bench"}],
        "GROUP_MODEL": "people.models.Group",
    },
    SECRET_KEY="bench",  # noqa: S106  # signs nothing here
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.urls import include, path


class BearerMiddleware:
    """The package leaves authentication to others: one token, known beforehand."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("Authorization") == "Bearer bench":
            request.user = SimpleNamespace(is_authenticated=True)
        return self.get_response(request)


urlpatterns = [path("scim/v2/", include("django_scim.urls"))]
application = get_wsgi_application()
