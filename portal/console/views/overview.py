"""What an operator sees first: the tenant, and the SCIM clients that send to it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest
from scim.queries.overview import count_directory
from tenants.queries import list_client_uses


@require_safe
@member_page()
def overview(request: RealmRequest) -> HttpResponse:
    context = {
        "tenant": request.tenant,
        "membership": request.membership,
        "size": count_directory(),
        "clients": list_client_uses(),
    }
    return render(request, "console/overview.html", context)
