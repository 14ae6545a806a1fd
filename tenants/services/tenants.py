"""Tenants: create, suspend, resume, change the plan. Acts of the platform: callers stand in a cross_tenant block."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from tenants import TenantsError
from tenants.models import Tenant
from tenants.plans import Plan
from tenants.queries import find_tenant

LONGEST_SLUG, LONGEST_NAME, LONGEST_REASON = 63, 200, 500
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class TenantNameError(TenantsError):
    """The name cannot be a tenant's, or is taken."""


class ReservedTenantError(TenantsError):
    """The deployment's own tenant, or one that goes, is not administered like the others."""


def create_tenant(*, slug: str, plan: Plan, origin: Origin, name: str = "") -> Tenant:
    """A new, empty tenant. Raises TenantNameError for a malformed or taken slug."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise TenantNameError(f"{slug!r} is no tenant name: use up to {LONGEST_SLUG} of a-z, 0-9 and single hyphens")
    if len(name) > LONGEST_NAME:
        raise TenantNameError(f"a name has at most {LONGEST_NAME} characters")
    tenant = Tenant(slug=slug, name=name or slug, plan=plan)
    with tenant_context(tenant.id), tenant_scope():
        _insert(tenant)
        record_event(event=Event(Action.TENANT_CREATED, _target(tenant), details={"plan": plan}), origin=origin)
    return tenant


def suspend_tenant(*, slug: str, reason: str, origin: Origin) -> Tenant:
    """Its tokens get 403 within 5 s in every process. Raises UnknownTenantError, ReservedTenantError."""
    values = {"state": Tenant.State.SUSPENDED, "suspended_reason": reason[:LONGEST_REASON]}
    return _change(slug, Action.TENANT_SUSPENDED, origin, values)


def resume_tenant(*, slug: str, origin: Origin) -> Tenant:
    """Serves the tenant again. Raises UnknownTenantError, ReservedTenantError."""
    return _change(slug, Action.TENANT_RESUMED, origin, {"state": Tenant.State.ACTIVE, "suspended_reason": ""})


def change_plan(*, slug: str, plan: Plan, origin: Origin) -> Tenant:
    """Puts the tenant on another plan. Raises UnknownTenantError, ReservedTenantError."""
    return _change(slug, Action.TENANT_PLAN_CHANGED, origin, {"plan": plan})


def _insert(tenant: Tenant) -> None:
    try:
        with transaction.atomic(using="platform"):
            tenant.save(force_insert=True)
    except IntegrityError as error:
        raise TenantNameError(f"a tenant named {tenant.slug!r} exists") from error


def _change(slug: str, action: Action, origin: Origin, values: Mapping[str, Any]) -> Tenant:
    tenant = find_tenant(slug=slug)
    if tenant.id == DEPLOYMENT_TENANT_ID:
        raise ReservedTenantError(f"{slug!r} is the deployment's own tenant")
    if tenant.deletes_at is not None or tenant.deleted_at is not None:
        raise ReservedTenantError(f"{slug!r} is to be deleted, or was")
    with tenant_context(tenant.id), tenant_scope():
        tenant = Tenant.objects.select_for_update().get(id=tenant.id)
        changes = _apply(tenant, values)
        if changes:
            tenant.save(update_fields=list(values))
            record_event(event=Event(action, _target(tenant), changes=changes), origin=origin)
    return tenant


def _apply(tenant: Tenant, values: Mapping[str, Any]) -> list[dict[str, str]]:
    before = {field: str(getattr(tenant, field)) for field in values}
    for field, value in values.items():
        setattr(tenant, field, value)
    after = {field: str(value) for field, value in values.items()}
    return [
        {"path": field, "before": before[field], "after": after[field]}
        for field in values
        if before[field] != after[field]
    ]


def _target(tenant: Tenant) -> Target:
    return Target("Tenant", str(tenant.id), tenant.slug)
