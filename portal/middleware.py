"""Security headers of everything but SCIM.

The policy is one constant: no page may bring inline script, inline style or eval, so there is no nonce to make and
nothing to vary (docs/adr/0021-pages-without-a-build.md). A view that must differ sets the header itself, and keeps it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse

DIRECTIVES: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",  # data: for the pictures within the style sheet
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": "; ".join(DIRECTIVES),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "X-Frame-Options": "DENY",  # for browsers that know no frame-ancestors
    }
)
# A SCIM answer is rendered by nobody, and its path is measured in microseconds.
WITHOUT: Final = "/scim/"


class PageHeadersMiddleware:
    """Sets each header unless the view did."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(WITHOUT):
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response
