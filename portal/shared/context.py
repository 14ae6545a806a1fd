"""What every page's template knows besides its own content."""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import Resolver404, resolve

# Ways in and descriptions that may not be there yet: a page links to one only when this deployment serves it.
OPTIONAL: Final = {
    "admin": "/admin/",
    "console": "/console/",
    "customer": "/portal/",
}


def describe_page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `path` for the current entry of the navigation, and `served`, the optional addresses that
    exist.
    """
    return {"path": request.path, "served": {name: path for name, path in OPTIONAL.items() if is_served(path)}}


def is_served(path: str) -> bool:
    """Whether a view answers at `path`."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
