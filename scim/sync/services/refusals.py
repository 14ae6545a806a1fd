"""A task that names rows of another tenant does nothing and leaves an event: messages are not trusted."""

from typing import Final
from uuid import UUID

from audit.actions import Action, Outcome
from audit.actors import system_origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from scim.sync.store.connectors import find_connector
from scim.sync.store.runs import find_run

TYPES: Final = {"connector": "Connector", "run": "Run"}


def refuse_foreign_task(*, table: str, row_id: UUID, task: str) -> bool:
    """Whether the bound tenant has no such row; then the attempt is recorded."""
    with tenant_scope():
        found = find_run(run_id=row_id) if table == "run" else find_connector(connector_id=row_id)
        if found is not None:
            return False
        details = {"task": task, "tenant": str(current_tenant())}
        event = Event(Action.TASK_REFUSED, Target(TYPES[table], str(row_id)), Outcome.DENIED, details=details)
        record_event(event=event, origin=system_origin("sync"))
        return True
