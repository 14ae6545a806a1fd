"""What people see first behind their sign-in: an operator the tenant and its SCIM clients, a customer one sentence."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from scim.queries.resources import count_directory
from tenants.queries import list_client_uses


@require_safe
@member_page()
def overview(request: RealmRequest) -> HttpResponse:
    return _show(request, "console/overview")


@require_safe
@member_page()
def status(request: RealmRequest) -> HttpResponse:
    return _show(request, "customer/status")


def _show(request: RealmRequest, template: str) -> HttpResponse:
    return draw_for_member(request, template, size=count_directory(), clients=list_client_uses())
