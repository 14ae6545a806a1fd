"""Addresses of the portal, below /portal/."""

from django.urls import path

from portal.accounts.views import members
from portal.customer.views import directory
from portal.customer.views.status import status

app_name = "customer"
OWN = {"of": "portal"}

urlpatterns = [
    path("", status, name="status"),
    path("people", directory.people, name="people"),
    path("groups", directory.groups, name="groups"),
    path("tenants", members.tenants, name="tenants"),
    path("members", members.members, OWN, name="members"),
    path("members/policy", members.policy_changed, OWN, name="members-policy"),
    path("members/<uuid:person_id>/resend", members.resent, OWN, name="members-resend"),
    path("members/<uuid:person_id>/role", members.role_changed, OWN, name="members-role"),
    path("members/<uuid:person_id>/remove", members.removed, OWN, name="members-remove"),
]
