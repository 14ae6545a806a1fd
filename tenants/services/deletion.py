"""Deleting a tenant: marked with a date until which it can be taken back, then emptied in batches by the ledger.

What is left is the tenant's row and its audit history, which goes by its own retention; with it stay the keys that
sign and read it. The request log goes by its weeks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.models import AuditEvent
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from labsninja.kernel.isolation.managers import list_tenant_tables
from tenants import TenantsError
from tenants.models import Tenant
from tenants.queries import find_tenant

SHORTEST_GRACE, DEFAULT_GRACE, LONGEST_GRACE = timedelta(days=1), timedelta(days=14), timedelta(days=90)
EXPORTED_WITHIN = timedelta(hours=1)
BATCH = 2_000
# Rows that others refer to go after those, and access tokens before the secrets that issued them.
LAST = ("tenants_client_token", "scim_resource", "tenants_scim_client")
KEPT = ("audit_", "kernel_data_key", "scim_request_log")
DELETE = """
DELETE FROM {table} WHERE tenant_id = %(tenant)s AND ctid = ANY(ARRAY(
    SELECT ctid FROM {table} WHERE tenant_id = %(tenant)s {order} LIMIT %(batch)s
))
"""


class DeletionRefusedError(TenantsError):
    """The tenant is not deleted, or not kept, as asked."""


def delete_tenant(*, slug: str, reason: str, origin: Origin, grace: timedelta = DEFAULT_GRACE) -> Tenant:
    """Suspend the tenant and have it deleted when the grace is over. Whoever asks has exported its audit history
    within the last hour. Raises UnknownTenantError, DeletionRefusedError.
    """
    if not SHORTEST_GRACE <= grace <= LONGEST_GRACE:
        raise DeletionRefusedError("a tenant can be taken back for 1 to 90 days")
    with tenant_context(_find(slug)), tenant_scope() as scope:
        tenant = Tenant.objects.select_for_update().get(id=scope.tenant_id)
        if tenant.deletes_at is not None:
            raise DeletionRefusedError(f"{slug} is to be deleted already")
        _require_export(origin)
        tenant.state, tenant.suspended_reason = Tenant.State.SUSPENDED, reason
        tenant.deletes_at = origin.at + grace
        tenant.save(update_fields=["state", "suspended_reason", "deletes_at"])
        details = {"deletes": tenant.deletes_at.isoformat(), "reason": reason}
        record_event(event=Event(Action.TENANT_DELETION_PLANNED, _target(tenant), details=details), origin=origin)
    return tenant


def cancel_deletion(*, slug: str, origin: Origin) -> Tenant:
    """Keep the tenant; it stays suspended until it is resumed. Raises UnknownTenantError, DeletionRefusedError."""
    with tenant_context(_find(slug)), tenant_scope() as scope:
        tenant = Tenant.objects.select_for_update().get(id=scope.tenant_id)
        if tenant.deletes_at is None or tenant.deletes_at <= origin.at:
            raise DeletionRefusedError(f"{slug} is not to be deleted, or is being deleted already")
        tenant.deletes_at = None
        tenant.save(update_fields=["deletes_at"])
        record_event(event=Event(Action.TENANT_DELETION_CANCELED, _target(tenant)), origin=origin)
    return tenant


def list_tenants_to_delete(*, now: datetime) -> Sequence[UUID]:
    """Those whose grace is over."""
    return list(Tenant.objects.filter(deletes_at__lte=now).values_list("id", flat=True))


def purge_some(*, origin: Origin, batch: int = BATCH) -> int:
    """Delete the bound tenant's next rows; gives how many, 0 when it was the last step. Call it inside cross_tenant.

    Raises DeletionRefusedError for a tenant that is not due.
    """
    with tenant_scope() as scope:
        tenant = Tenant.objects.select_for_update().get(id=scope.tenant_id)
        if tenant.deletes_at is None or tenant.deletes_at > origin.at:
            raise DeletionRefusedError(f"{tenant.slug} is not to be deleted now")
        for table in _list_tables():
            order = "ORDER BY kind <> 'access'" if table == "tenants_client_token" else ""
            statement = DELETE.format(table=table, order=order)  # names come from our own models
            deleted: int = scope.execute(statement, {"tenant": scope.tenant_id, "batch": batch}).rowcount
            if deleted:
                return deleted
        tenant.deletes_at, tenant.deleted_at = None, origin.at
        tenant.save(update_fields=["deletes_at", "deleted_at"])
        record_event(event=Event(Action.TENANT_DELETED, _target(tenant)), origin=origin)
    return 0


def _list_tables() -> list[str]:
    tables = (table for table in list_tenant_tables() if not table.startswith(KEPT))
    return sorted(tables, key=lambda table: (LAST.index(table) + 1 if table in LAST else 0, table))


def _require_export(origin: Origin) -> None:
    exported = AuditEvent.objects.filter(
        action=Action.BUNDLE_EXPORTED, actor_id=origin.actor.id, at__gte=origin.at - EXPORTED_WITHIN
    )
    if not exported.exists():
        raise DeletionRefusedError("Export the tenant's audit history first: nobody can do it afterwards.")


def _find(slug: str) -> UUID:
    tenant = find_tenant(slug=slug)
    if tenant.id == DEPLOYMENT_TENANT_ID or tenant.deleted_at is not None:
        raise DeletionRefusedError(f"{slug} is the deployment's own tenant, or was deleted")
    return tenant.id


def _target(tenant: Tenant) -> Target:
    return Target("Tenant", str(tenant.id), tenant.slug)
