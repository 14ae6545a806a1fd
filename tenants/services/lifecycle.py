"""What a tenant has chosen for people who leave: how long a deleted one can be restored, and how many may leave at once
before the rest is held back from connectors. In force with the next write.
"""

from collections.abc import Mapping
from typing import Any, Final

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, current_tenant, tenant_scope
from tenants import TenantsError
from tenants.models import Role, Tenant
from tenants.models.tenant import LIFECYCLE_BOUNDS
from tenants.services.roles import check_role
from tenants.services.tenants import ReservedTenantError

BREAKER_ON: Final = "breaker_on"
LIFECYCLE: Final = (*LIFECYCLE_BOUNDS, BREAKER_ON)
WORDS: Final = {
    "trash_days": "Days that deleted people are kept",
    "breaker_count": "The number of people who may leave",
    "breaker_percent": "The share of active people who may leave",
    "breaker_minutes": "The minutes within which they are counted",
}


class LifecycleRefusedError(TenantsError):
    """A value is out of bounds, or there is no such setting; `field` names it, the message is for people."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def change_lifecycle(*, values: Mapping[str, int], origin: Origin) -> Tenant:
    """Set some of LIFECYCLE of the bound tenant.

    Raises RoleRefusedError, ReservedTenantError, LifecycleRefusedError.
    """
    for name, value in values.items():
        _check(name, value)
    if current_tenant() == DEPLOYMENT_TENANT_ID:
        raise ReservedTenantError("the deployment's own tenant has no settings")
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        tenant = Tenant.objects.select_for_update().get(id=current_tenant())
        changes = _apply(tenant, values)
        if changes:
            target = Target("Tenant", str(tenant.id), tenant.slug)
            record_event(event=Event(Action.TENANT_OPTIONS_CHANGED, target, changes=changes), origin=origin)
    return tenant


def _check(name: str, value: int) -> None:
    if name not in LIFECYCLE:
        raise LifecycleRefusedError(name, f"There is no setting {name}.")
    if name == BREAKER_ON:
        return
    least, most = LIFECYCLE_BOUNDS[name]
    if not least <= value <= most:
        raise LifecycleRefusedError(name, f"{WORDS[name]}: {least} to {most}.")


def _apply(tenant: Tenant, values: Mapping[str, int]) -> list[dict[str, Any]]:
    before = {name: getattr(tenant, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    for name, value in changed.items():
        setattr(tenant, name, value)
    if changed:
        tenant.save(update_fields=list(changed))
    return [{"path": name, "before": before[name], "after": value} for name, value in changed.items()]
