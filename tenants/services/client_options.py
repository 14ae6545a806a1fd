"""What a SCIM client is granted and what a tenant has chosen where the RFC leaves room. Effective everywhere within
5 s: requests read it with their token.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import models

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, current_tenant, tenant_context, tenant_scope
from tenants import TenantsError
from tenants.models import ClientToken, Role, ScimClient, Tenant
from tenants.queries import find_tenant
from tenants.services.roles import check_role
from tenants.services.tenants import ReservedTenantError

CLIENT_OPTIONS = ("strict", "groups_enabled")
TENANT_OPTIONS = ("unique_group_names", "keep_members", "strict_members", "revive_deleted")


class UnknownClientError(TenantsError):
    """The tenant has no SCIM client of this name."""


class UnknownOptionError(TenantsError):
    """There is no option of this name."""


def change_client_options(*, client_name: str, options: Mapping[str, bool], origin: Origin) -> ScimClient:
    """Set some of CLIENT_OPTIONS of the bound tenant's SCIM client, for its tokens too.

    Raises UnknownClientError, UnknownOptionError.
    """
    _check(options, CLIENT_OPTIONS)
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        client = _lock_client(client_name)
        changes = _apply(client, options)
        if changes:
            repeated = {f"client_{name}": value for name, value in options.items()}
            ClientToken.objects.filter(scim_client_id=client.id).update(**repeated)
            _record(client, changes, origin)
    return client


def bind_client_user(*, client_name: str, user_id: UUID | None, origin: Origin) -> ScimClient:
    """Let `/Me` stand for that User of the bound tenant when this SCIM client asks; for nobody when None.

    Raises UnknownClientError. Whether there is such a User is seen when it is asked for.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        client = _lock_client(client_name)
        before = client.user_id
        if before != user_id:
            client.user_id = user_id
            client.save(update_fields=["user_id"])
            ClientToken.objects.filter(scim_client_id=client.id).update(client_user_id=user_id)
            told = [str(one) if one else None for one in (before, user_id)]
            _record(client, [{"path": "user_id", "before": told[0], "after": told[1]}], origin)
    return client


def change_own_options(*, options: Mapping[str, bool], origin: Origin) -> Tenant:
    """Set some of TENANT_OPTIONS of the bound tenant. What else has to follow: scim.services.directory_options.

    Raises RoleRefusedError, ReservedTenantError, UnknownOptionError.
    """
    _check(options, TENANT_OPTIONS)
    if current_tenant() == DEPLOYMENT_TENANT_ID:
        raise ReservedTenantError("the deployment's own tenant has no options")
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        tenant = Tenant.objects.select_for_update().get(id=current_tenant())
        changes = _apply(tenant, options)
        if changes:
            target = Target("Tenant", str(tenant.id), tenant.slug)
            record_event(event=Event(Action.TENANT_OPTIONS_CHANGED, target, changes=changes), origin=origin)
    return tenant


def change_tenant_options(*, slug: str, options: Mapping[str, bool], origin: Origin) -> Tenant:
    """The same for a tenant by its name. An act of the platform: callers stand in a cross_tenant block.

    Raises UnknownTenantError, ReservedTenantError, UnknownOptionError.
    """
    with tenant_context(find_tenant(slug=slug).id):
        return change_own_options(options=options, origin=origin)


def change_strictness(*, strict: Collection[UUID], origin: Origin) -> None:
    """Hold these SCIM clients of the bound tenant to the RFC, and tolerate what all others send. Raises
    RoleRefusedError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        for client in list(ScimClient.objects.all()):
            change_client_options(client_name=client.name, options={"strict": client.id in strict}, origin=origin)


def _lock_client(name: str) -> ScimClient:
    found: ScimClient | None = ScimClient.objects.select_for_update().filter(name=name).first()
    if found is None:
        raise UnknownClientError(f"there is no SCIM client named {name!r}")
    return found


def _record(client: ScimClient, changes: list[dict[str, Any]], origin: Origin) -> None:
    target = Target("ScimClient", str(client.id), client.name)
    record_event(event=Event(Action.CLIENT_OPTIONS_CHANGED, target, changes=changes), origin=origin)


def _check(options: Mapping[str, bool], known: tuple[str, ...]) -> None:
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise UnknownOptionError(f"there is no option {unknown[0]!r}: options are {', '.join(known)}")


def _apply(row: models.Model, options: Mapping[str, bool]) -> list[dict[str, Any]]:
    """Save what differs, and give it as changes."""
    changed = {name: value for name, value in options.items() if getattr(row, name) is not value}
    changes = [{"path": name, "before": getattr(row, name), "after": value} for name, value in changed.items()]
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=list(changed))
    return changes
