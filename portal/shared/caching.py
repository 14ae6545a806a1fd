"""Public pages are the same for everybody: caches may keep them, and they are sent compressed.

There is no secret in them that the length of a compressed answer could betray (BREACH).
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

View = Callable[..., HttpResponse]
# A page changes with a release; five minutes are what a reader may see of the one before.
MAX_AGE: Final = 300


def public_page(view: View) -> View:
    """Decorator of a page that changes with a release."""
    return cached_page(MAX_AGE)(view)


def cached_page(max_age: int) -> Callable[[View], View]:
    """Decorator: GET and HEAD alone, ETag with 304, Cache-Control, gzip. The tag is made before compressing, since
    gzip adds noise.
    """

    def decorate(view: View) -> View:
        cached: View = cache_control(public=True, max_age=max_age)(conditional_page(view))
        return require_safe(gzip_page(cached))

    return decorate
