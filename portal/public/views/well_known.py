"""Files that programs look for at fixed addresses: security.txt (RFC 9116), robots.txt, favicon.ico."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static

from labsninja.kernel.edge import public_base_url
from portal.shared.caching import public_page

TEXT = "text/plain; charset=utf-8"


@public_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """Expires counts from midnight, so that the text, and with it its ETag, holds for a day."""
    base = public_base_url(request)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    expires = midnight + timedelta(days=settings.LABSNINJA_SECURITY_TXT_DAYS)
    lines = (
        f"Contact: {settings.LABSNINJA_SECURITY_CONTACT or f'{base}/security'}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {base}/.well-known/security.txt",
        f"Policy: {base}/security#reporting",
    )
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=TEXT)


@public_page
def robots_txt(*_args: Any) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /scim/\n", content_type=TEXT)


@public_page
def favicon(*_args: Any) -> HttpResponse:
    """For those who ask without reading the page, which names the icon."""
    return redirect(static("lnj/icon.svg"))
