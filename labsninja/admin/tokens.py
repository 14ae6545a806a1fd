"""SCIM clients and their tokens: never a secret nor its digest; a new token is shown once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from labsninja.admin.acts import Act, ActForm
from labsninja.admin.lists import ChoiceFilter, TenantAdminBase, TenantFilter
from labsninja.kernel.isolation import tenant_context
from portal.accounts.requests import RealmRequest, make_origin
from tenants.models import ClientToken, ScimClient
from tenants.queries import find_tenant, tell_state
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, IssuedToken, issue_secret, issue_token, revoke_token, rotate_token

LIVE, RETIRING, EXPIRED, REVOKED = "live", "retiring", "expired", "revoked"


class NewClientForm(ActForm):
    tenant = forms.CharField(help_text="The tenant's name in addresses.")
    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(label="Identity provider", choices=ScimClient.Kind.choices)


class IssueForm(ActForm):
    kind = forms.ChoiceField(choices=ClientToken.Kind.choices[:2], label="Kind")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES], initial=SCOPES, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(min_value=1, max_value=730, initial=365, label="Lifetime in days")
    networks = forms.CharField(required=False, help_text="CIDRs it may come from, by spaces; none means anywhere.")


class RotateForm(ActForm):
    hours = forms.IntegerField(
        min_value=0, max_value=168, initial=24, label="Overlap in hours", help_text="So long the old one works on."
    )


def _create(request: RealmRequest, _row: Any, given: Mapping[str, Any]) -> str:
    tenant = find_tenant(slug=given["tenant"])
    with tenant_context(tenant.id):
        made = create_scim_client(name=given["name"], kind=ScimClient.Kind(given["kind"]), origin=make_origin(request))
    return f"The SCIM client {made.name} was created. It has no token yet."


def _issue(request: RealmRequest, row: Any, given: Mapping[str, Any]) -> HttpResponse:
    issue = issue_secret if given["kind"] == ClientToken.Kind.SECRET else issue_token
    with tenant_context(row.tenant_id):
        issued = issue(
            scim_client=row,
            scopes=given["scopes"],
            lifetime=timedelta(days=given["days"]),
            networks=given["networks"].split(),
            origin=make_origin(request),
        )
    return _show(request, issued, "Issued")


def _rotate(request: RealmRequest, row: Any, given: Mapping[str, Any]) -> HttpResponse:
    overlap = timedelta(hours=given["hours"])
    with tenant_context(row.tenant_id):
        issued = rotate_token(prefix=row.prefix, overlap=overlap, origin=make_origin(request))
    return _show(request, issued, f"The old one, {row.prefix}, works for {given['hours']} more hours")


def _revoke(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
    with tenant_context(row.tenant_id):
        revoke_token(prefix=row.prefix, origin=make_origin(request))
    return f"{row.prefix} is revoked: every process refuses it within five seconds."


def _show(request: RealmRequest, issued: IssuedToken, told: str) -> HttpResponse:
    """The only page that ever holds it; nothing may keep the answer."""
    token = issued.token
    context = {
        **admin.site.each_context(request),
        "title": f"New token of {token.client_name}",
        "opts": ClientToken._meta,
        "secret": issued.text,
        "told": f"{told}. It expires {token.expires_at:%Y-%m-%d %H:%M} UTC.",
        "back": reverse("admin:tenants_clienttoken_change", args=[token.id]),
    }
    answer = render(request, "admin/secret.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class ClientKindFilter(ChoiceFilter):
    title = "identity provider"
    parameter_name = "kind"
    choices_of = ScimClient.Kind.choices


class StateFilter(ChoiceFilter):
    """What tell_state says, as SQL."""

    title = "state"
    parameter_name = "state"
    choices_of = [(state, state) for state in (LIVE, RETIRING, EXPIRED, REVOKED)]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        now = datetime.now(UTC)
        is_over = Q(expires_at__lte=now) | Q(retires_at__lte=now)
        kept = {
            LIVE: Q(revoked_at=None, retires_at=None) & ~Q(expires_at__lte=now),
            RETIRING: Q(revoked_at=None, retires_at__gt=now, expires_at__gt=now),
            EXPIRED: Q(revoked_at=None) & is_over,
            REVOKED: Q(revoked_at__isnull=False),
        }
        return rows.filter(kept[str(self.value())]) if self.value() in kept else rows


@admin.register(ScimClient)
class ScimClientAdmin(TenantAdminBase):
    list_display = ("name", "tenant", "kind", "strict", "groups_enabled", "created_at")
    list_filter = (TenantFilter, ClientKindFilter)
    search_fields = ("name",)
    ordering = ("-created_at", "id")
    fields = ("name", "tenant", "id", "kind", "strict", "groups_enabled", "user_id", "created_at")
    readonly_fields = ("id", "tenant", "created_at")
    acts: ClassVar = (
        Act("create", "Create a SCIM client", "An identity provider's connection into a tenant.", _create,
            form=NewClientForm, is_of_row=False),
        Act("issue", "Issue a token", "The token is shown once, on the next page.", _issue, form=IssueForm,
            needs_step_up=True),
    )  # fmt: skip


@admin.register(ClientToken)
class ClientTokenAdmin(TenantAdminBase):
    list_display = ("prefix", "tenant", "client_name", "kind", "told_scopes", "last_used_at", "expires_at", "state")
    list_filter = (TenantFilter, StateFilter)
    search_fields = ("prefix", "client_name", "created_by")
    ordering = ("-created_at", "id")
    fields = (
        *("prefix", "tenant", "client_name", "kind", "told_scopes", "told_networks", "state", "created_by"),
        *("created_at", "expires_at", "retires_at", "revoked_at"),
        *("last_used_at", "last_used_address", "last_used_agent"),
    )
    readonly_fields = ("tenant", "told_scopes", "told_networks", "state", "created_at")
    acts: ClassVar = (
        Act("rotate", "Rotate", "A successor with the same rights is shown once; the old one works on for a while.",
            _rotate, form=RotateForm, needs_step_up=True,
            is_offered=lambda row: tell_state(token=row, now=datetime.now(UTC)) == LIVE),
        Act("revoke", "Revoke", "Whoever uses it is refused within five seconds. This cannot be taken back.",
            _revoke, needs_step_up=True, is_dangerous=True,
            is_offered=lambda row: tell_state(token=row, now=datetime.now(UTC)) in {LIVE, RETIRING}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without access tokens, which come and go by the hour; the digest does not even leave the database."""
        return super().get_queryset(request).exclude(kind=ClientToken.Kind.ACCESS).defer("digest", "pepper_id")

    @admin.display(description="scopes")
    def told_scopes(self, row: Any) -> str:
        return ", ".join(row.scopes)

    @admin.display(description="networks")
    def told_networks(self, row: Any) -> str:
        return ", ".join(row.networks) or "anywhere"

    @admin.display(description="state")
    def state(self, row: Any) -> str:
        return tell_state(token=row, now=datetime.now(UTC))
