"""What every request gets: an id that ties log lines, audit events and the answer together, and no tenant bound
beforehand.
"""

from collections.abc import Callable
from http import HTTPStatus

import structlog
import uuid_utils.compat
from django.http import HttpRequest, HttpResponse

from labsninja.kernel.isolation import tenant_context


class RequestContextMiddleware:
    """Names the request and clears the tenant around it, since a worker thread serves one tenant after another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(uuid_utils.compat.uuid7())
        request.META["labsninja.request_id"] = request_id
        with tenant_context(), structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        if not response.streaming and response.status_code != HTTPStatus.NO_CONTENT:  # RFC 9110 section 8.6
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
