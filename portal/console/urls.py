"""Addresses of the console, below /console/."""

from django.urls import path

from portal.accounts.views import members
from portal.accounts.views.home import overview

app_name = "console"
OPERATORS, CUSTOMERS = {"of": "console"}, {"of": "portal"}

urlpatterns = [
    path("", overview, name="overview"),
    path("tenants", members.tenants, name="tenants"),
    path("members", members.members, OPERATORS, name="members"),
    path("members/policy", members.policy_changed, OPERATORS, name="members-policy"),
    path("members/<uuid:person_id>/role", members.role_changed, OPERATORS, name="members-role"),
    path("members/<uuid:person_id>/remove", members.removed, OPERATORS, name="members-remove"),
    path("customers", members.members, CUSTOMERS, name="customers"),
    path("customers/policy", members.policy_changed, CUSTOMERS, name="customers-policy"),
    path("customers/<uuid:person_id>/role", members.role_changed, CUSTOMERS, name="customers-role"),
    path("customers/<uuid:person_id>/remove", members.removed, CUSTOMERS, name="customers-remove"),
]
