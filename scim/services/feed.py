"""Numbering the feed: what has been committed gets its place, tenant by tenant, some seconds at most in one go."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.store.feed import find_waiting_tenants, number_changes

MOST_AT_ONCE: Final = 1000  # of one tenant in one transaction, so that none keeps the others waiting


def dispatch_changes(*, tenant_id: UUID, limit: int = MOST_AT_ONCE) -> int:
    """Number at most `limit` changes of a tenant; gives how many. A second writer waits and goes on from there."""
    with tenant_context(tenant_id), tenant_scope():
        return number_changes(limit=limit)


def dispatch_waiting(*, is_ending: Callable[[], bool] = lambda: False) -> int:
    """Number what waits, a batch of each tenant in turn until nothing is left. Gives how many changes.

    Call it inside cross_tenant.
    """
    numbered = 0
    while not is_ending():
        waiting = find_waiting_tenants()
        found = sum(dispatch_changes(tenant_id=tenant_id) for tenant_id in waiting if not is_ending())
        numbered += found
        if not found:
            break
    return numbered
