"""Home, features, plans, security: what LabsNinja is, in public."""

from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from labsninja.kernel.edge import public_base_url
from portal.public.matrix import count_proof, count_statuses, list_areas
from portal.shared.caching import public_page
from portal.shared.guides import GUIDES
from scim.capabilities import Status
from tenants.plans import OFFERS

PERIODS: Final = ("monthly", "yearly")
STATUSES: Final = ("", *Status)
CURL: Final = """\
curl {base}/scim/v2/Users \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/scim+json" \\
  -d '{{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "ada@example.com",
    "name": {{"givenName": "Ada", "familyName": "Lovelace"}}
  }}'"""


@public_page
def home(request: HttpRequest) -> HttpResponse:
    sample = CURL.format(base=public_base_url(request))
    context = {"sample": sample, "proof": count_proof(), "guides": list(GUIDES.values())}
    return render(request, "public/home.html", context)


@public_page
def features(request: HttpRequest) -> HttpResponse:
    """`?status=` narrows it; a status that does not exist is 404."""
    status = request.GET.get("status", "")
    if status not in STATUSES:
        raise Http404
    context = {"areas": list_areas(status=status), "counts": count_statuses(), "chosen": status}
    return render(request, "public/features.html", context)


@public_page
def plans(request: HttpRequest) -> HttpResponse:
    """`?billing=` is monthly or yearly: a link, so that it works without script."""
    period = request.GET.get("billing", PERIODS[0])
    if period not in PERIODS:
        raise Http404
    return render(request, "public/plans.html", {"offers": OFFERS, "period": period, "periods": PERIODS})


@public_page
def security(request: HttpRequest) -> HttpResponse:
    return render(request, "public/security.html", {"contact": settings.LABSNINJA_SECURITY_CONTACT})
