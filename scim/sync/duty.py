"""The ledger's part of sync: marks what is new in the feed, asks for workers, looks after runs and quarantines.

It depends on no broker: a worker that cannot be asked for is asked for again a few seconds later, and what waits stands
in PostgreSQL.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.sync.services.probes import request_probe
from scim.sync.services.runs import finish_run
from scim.sync.store.connectors import (
    find_connectors_behind,
    find_probed_connectors,
    find_tenants_with_connectors,
    note_ring,
)
from scim.sync.store.items import KEPT, prune_items
from scim.sync.store.links import fan_out, find_due_connectors
from scim.sync.store.runs import find_waiting_runs, note_run_ring
from scim.sync.tasks import ring_drain, ring_plan, ring_probe

MOST_AT_ONCE: Final = 2_000
REST: Final = timedelta(seconds=5)  # after asking for a worker, before asking again
PRUNED: Final = 5_000
logger = logging.getLogger(__name__)


class SyncDuty:
    """Call `work` again and again inside cross_tenant."""

    def __init__(self) -> None:
        self._pruned_at = datetime.min.replace(tzinfo=UTC)

    def work(self, is_ending: Callable[[], bool] = lambda: False) -> int:
        """One look at everything. Gives how many links were marked."""
        marked = 0
        for tenant_id, connector_id, kind in find_connectors_behind():
            if kind == "scim" and not is_ending():
                marked += _mark(tenant_id, connector_id)
        for tenant_id, run_id, state in find_waiting_runs(rest=REST):
            if not is_ending():
                _look_after_run(tenant_id, run_id, state)
        for tenant_id, connector_id in find_due_connectors(rest=REST):
            if not is_ending() and ring_drain(tenant_id, connector_id):
                with tenant_context(tenant_id), tenant_scope():
                    note_ring(connector_id=connector_id)
        for tenant_id, connector_id, _kind in find_probed_connectors():
            if not is_ending() and ring_probe(tenant_id, connector_id):
                with tenant_context(tenant_id):
                    request_probe(connector_id=connector_id, origin=system_origin("sync"))
        self._prune()
        return marked

    def _prune(self) -> None:
        """Items whose time is over, once an hour."""
        now = datetime.now(UTC)
        if now - self._pruned_at < timedelta(hours=1):
            return
        self._pruned_at = now
        for tenant_id in find_tenants_with_connectors():
            with tenant_context(tenant_id), tenant_scope():
                prune_items(before=now - KEPT, limit=PRUNED)


def _mark(tenant_id: UUID, connector_id: UUID) -> int:
    with tenant_context(tenant_id), tenant_scope():
        return fan_out(connector_id=connector_id, limit=MOST_AT_ONCE)


def _look_after_run(tenant_id: UUID, run_id: UUID, state: str) -> None:
    with tenant_context(tenant_id):
        if state == "running":
            finish_run(run_id=run_id)
        elif ring_plan(tenant_id, run_id):
            with tenant_scope():
                note_run_ring(run_id=run_id)
