"""Every address of the public site: the patterns of its table, with each value that a pattern takes."""

from django.urls import reverse

from portal.public import urls
from portal.public.problems import BY_CODE
from portal.shared.guides import GUIDES

# What a pattern's placeholder may be; a new placeholder must get its values here.
VALUES = {"guide": [{"slug": slug} for slug in GUIDES], "error": [{"code": code} for code in BY_CODE]}
# Not pages: text for programs, and a redirect.
FILES = {"security-txt", "robots", "favicon", "openapi", "verifier"}


def list_addresses(*, pages: bool) -> list[str]:
    """All pages, or all files."""
    names = [pattern.name for pattern in urls.urlpatterns if (pattern.name in FILES) != pages]
    found = [reverse(name, kwargs=values) for name in names for values in VALUES.get(str(name), [{}])]
    return found + ([reverse("status")] if pages else [])
