"""What a customer sees first: whether people are kept in step, in one sentence."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest
from scim.queries.overview import count_directory
from tenants.queries import list_client_uses


@require_safe
@member_page()
def status(request: RealmRequest) -> HttpResponse:
    return render(
        request,
        "customer/status.html",
        {"tenant": request.tenant, "size": count_directory(), "clients": list_client_uses()},
    )
