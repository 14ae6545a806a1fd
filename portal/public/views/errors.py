"""Pages for what went wrong, with the id under which the logs know the request. SCIM clients get a SCIM error."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from scim.protocol.errors import ScimError, error_body

SCIM: Final = "/scim/"
# status: headline, explanation, and what to do
TEXTS: Final = {
    400: ("This request cannot be read", "Something in it is not what a browser sends.", "Go back and try again."),
    403: ("You may not do this", "You are known, and this is not yours to see.", "Ask whoever runs your tenant."),
    404: ("There is nothing here", "The address is mistyped, or what was here has moved.", "Begin at the home page."),
    500: ("We made a mistake", "It has been logged. Nothing was half done.", "Try again, then tell us the id below."),
}

EXPIRED_FORM: Final = (
    "This form has expired",
    "It was open for too long, or you signed in or out in between.",
    "Go back, load the page again, and send it once more.",
)


def _answer(request: HttpRequest, status: HTTPStatus, texts: tuple[str, str, str] | None = None) -> HttpResponse:
    """Never kept by a cache: the id is this request's."""
    headline, explanation, advice = texts or TEXTS[status]
    if request.path_info.startswith(SCIM):
        body = error_body(ScimError(f"{headline}.", status=status))
        return JsonResponse(body, status=status, content_type="application/scim+json")
    context = {
        "status": status.value,
        "headline": headline,
        "explanation": explanation,
        "advice": advice,
        "request_id": request.META.get("labsninja.request_id", ""),
    }
    answer = render(request, "errors/page.html", context, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _handler(status: HTTPStatus) -> Callable[..., HttpResponse]:
    """A handler as Django calls it, with an exception or without: what it says is for logs."""

    def handle(request: HttpRequest, *_args: Any, **_exception: Any) -> HttpResponse:
        return _answer(request, status)

    return handle


def csrf_failed(request: HttpRequest, **_reason: str) -> HttpResponse:
    """A form whose token is not this session's: it was open for too long, or comes from elsewhere."""
    return _answer(request, HTTPStatus.FORBIDDEN, EXPIRED_FORM)


bad_request = _handler(HTTPStatus.BAD_REQUEST)
permission_denied = _handler(HTTPStatus.FORBIDDEN)
page_not_found = _handler(HTTPStatus.NOT_FOUND)
server_error = _handler(HTTPStatus.INTERNAL_SERVER_ERROR)
