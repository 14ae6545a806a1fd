"""The WSGI application that the web server runs."""

import os
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsninja.settings")

_django = get_wsgi_application()

from labsninja.checks import refuse_to_serve  # noqa: E402  # the apps must be loaded first
from scim.api.parsers import LARGEST_BODY  # noqa: E402  # as above

refuse_to_serve(pages=True)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django reads as much as Content-Length says: a body in chunks is read first, one byte too many at most."""
    if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("CONTENT_LENGTH"):
        body = environ["wsgi.input"].read(LARGEST_BODY + 1)
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return _django(environ, start_response)
