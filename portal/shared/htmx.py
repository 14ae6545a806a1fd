"""One address, two answers: the whole page, or the fragment of it that htmx asked for.

A fragment is a file with an underscore, or a partial that a template defines (`{% partialdef name %}`).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class HtmxHttpRequest(HttpRequest):
    """What a view gets behind django-htmx's middleware."""

    htmx: HtmxDetails


def render_page(request: HtmxHttpRequest, template: str, fragment: str, context: dict[str, Any]) -> HttpResponse:
    """`fragment` names a template, or a partial of `template` when it begins with #. Caches are told of the two."""
    asked_for_part = bool(request.htmx) and not request.htmx.boosted
    part = f"{template}{fragment}" if fragment.startswith("#") else fragment
    answer = render(request, part if asked_for_part else template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
