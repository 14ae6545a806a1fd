"""D, the floor: a REST framework view with one prepared statement, on the product's server, driver and database.

It is served by `bench.floor:application`; no tenant, token, audit or validation.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "labsninja.settings"

import django
from django.conf import settings

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

STATEMENT = "SELECT id, slug FROM tenants_tenant WHERE slug = %s"


class FloorView(APIView):
    """One row of a table without row-level security, by its key."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(STATEMENT, ["bench"])
            found = cursor.fetchone()
        response = Response({"id": str(found[0]), "slug": found[1]})
        response.add_post_render_callback(_give_length)
        return response


def _give_length(response: HttpResponse) -> None:
    """Without it the server would send the answer in chunks."""
    response.headers["Content-Length"] = str(len(response.content))


urlpatterns = [path("floor", FloorView.as_view()), path("livez", FloorView.as_view())]
application = get_wsgi_application()
