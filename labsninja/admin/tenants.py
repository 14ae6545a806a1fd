"""Tenants: the list with plan and use, and what an administrator does to them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from labsninja.admin import deletion
from labsninja.admin.acts import Act, ActForm, ReasonForm
from labsninja.admin.lists import ReadOnlyAdmin
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID
from portal.accounts.requests import RealmRequest, make_origin
from tenants.models import Tenant
from tenants.plans import OFFERS, Plan
from tenants.services.tenants import (
    LONGEST_NAME,
    LONGEST_SLUG,
    change_plan,
    create_tenant,
    resume_tenant,
    suspend_tenant,
)

# At most 16 rows by the counters' primary key, and one range of the SCIM clients' a tenant of the page.
_LIVE = """
(SELECT coalesce(sum(live), 0)::bigint FROM scim_counter c
 WHERE c.tenant_id = tenants_tenant.id AND c.resource_type = %s)
"""
_CLIENTS = "(SELECT count(*) FROM tenants_scim_client c WHERE c.tenant_id = tenants_tenant.id)"


class NewTenantForm(ActForm):
    slug = forms.CharField(label="Name in addresses", max_length=LONGEST_SLUG, help_text="a-z, 0-9, single hyphens.")
    name = forms.CharField(label="Full name", max_length=LONGEST_NAME, required=False)
    plan = forms.ChoiceField(choices=Plan.choices)


class PlanForm(ActForm):
    plan = forms.ChoiceField(choices=Plan.choices)


def _create(request: RealmRequest, _row: Any, given: Mapping[str, Any]) -> str:
    origin, plan = make_origin(request), Plan(given["plan"])
    made = create_tenant(slug=given["slug"], name=given["name"], plan=plan, origin=origin)
    return f"The tenant {made.slug} was created."


def _suspend(request: RealmRequest, row: Any, given: Mapping[str, Any]) -> str:
    suspend_tenant(slug=row.slug, reason=given["reason"], origin=make_origin(request))
    return f"{row.slug} is suspended."


def _resume(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
    resume_tenant(slug=row.slug, origin=make_origin(request))
    return f"{row.slug} is served again."


def _change_plan(request: RealmRequest, row: Any, given: Mapping[str, Any]) -> str:
    changed = change_plan(slug=row.slug, plan=Plan(given["plan"]), origin=make_origin(request))
    return f"{row.slug} is on the plan {Plan(changed.plan).label}."


SUSPEND = Act(
    "suspend",
    "Suspend",
    "Its tokens are refused with 403 within five seconds. Nothing is deleted.",
    _suspend,
    form=ReasonForm,
    needs_step_up=True,
    is_dangerous=True,
    is_offered=lambda row: row.state == Tenant.State.ACTIVE,
)


@admin.register(Tenant)
class TenantAdmin(ReadOnlyAdmin):
    list_display = ("slug", "name", "plan", "state", "users", "groups", "scim_clients", "created_at")
    list_filter = ("state", "plan")
    search_fields = ("slug", "name")
    ordering = ("slug",)
    fields = (
        *("slug", "name", "id", "state", "suspended_reason", "plan", "users", "groups", "scim_clients", "created_at"),
        *("deletes_at", "deleted_at"),
        *("unique_group_names", "keep_members", "strict_members", "revive_deleted"),
    )
    readonly_fields = ("id", "users", "groups", "scim_clients", "created_at")
    acts: ClassVar = (
        Act("create", "Create a tenant", "A new, empty tenant.", _create, form=NewTenantForm, is_of_row=False),
        Act(
            "plan",
            "Change the plan",
            "Its rates count from now on. What is stored stays, also beyond the new plan's limits.",
            _change_plan,
            form=PlanForm,
        ),
        SUSPEND,
        Act(
            "resume",
            "Resume",
            "Its tokens work again.",
            _resume,
            is_offered=lambda row: row.state == Tenant.State.SUSPENDED and not (row.deletes_at or row.deleted_at),
        ),
        *deletion.ACTS,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All but the deployment's own, which is not administered like the others."""
        number: Any = BigIntegerField()
        rows: QuerySet[Any] = super().get_queryset(request).exclude(id=DEPLOYMENT_TENANT_ID)
        annotated: QuerySet[Any] = rows.annotate(
            users_live=RawSQL(_LIVE, ["User"], output_field=number),  # noqa: S611  # a constant of ours
            groups_live=RawSQL(_LIVE, ["Group"], output_field=number),  # noqa: S611  # a constant of ours
            clients=RawSQL(_CLIENTS, [], output_field=number),  # noqa: S611  # a constant of ours
        )
        return annotated

    @admin.display(description="users")
    def users(self, row: Any) -> str:
        return _tell_use(row.users_live, _limit(row, "people"))

    @admin.display(description="groups")
    def groups(self, row: Any) -> str:
        return f"{row.groups_live:,}"

    @admin.display(description="SCIM clients")
    def scim_clients(self, row: Any) -> str:
        return _tell_use(row.clients, _limit(row, "scim_clients"))


def _limit(row: Any, name: str) -> int | None:
    offer = next((offer for offer in OFFERS if offer.key == row.plan), None)
    return getattr(offer, name, None)


def _tell_use(used: int, limit: int | None) -> str:
    """Use against what the plan offers, where it names a limit."""
    return f"{used:,} of {limit:,}" if limit is not None else f"{used:,}"
