"""The description of the API: as a document for programs, and as a page for people."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from labsninja.kernel.edge import public_base_url
from portal.public.api_reference import list_groups, list_schema_tables
from portal.shared.caching import public_page
from portal.shared.guides import GUIDES
from scim.description import describe_api
from scim.protocol.schemas import BUILT_IN


@public_page
def openapi(request: HttpRequest) -> HttpResponse:
    """What is built in; a tenant reads its own with a token at /scim/v2/openapi.json."""
    return JsonResponse(describe_api(schemas=BUILT_IN, base_url=_base(request)))


@public_page
def reference(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "guides": list(GUIDES.values()),
        "base": _base(request),
        "groups": list_groups(),
        "tables": list_schema_tables(),
    }
    return render(request, "public/api.html", context)


def _base(request: HttpRequest) -> str:
    return f"{public_base_url(request)}/scim/v2"
