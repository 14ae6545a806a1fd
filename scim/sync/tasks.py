"""What Celery carries: ids, and the wish that a worker looks. A lost or doubled message changes nothing.

Every task ends within half a minute and asks for the next one itself, so that no tenant keeps the others waiting.
"""

import logging
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from audit.actors import system_origin
from labsninja.kernel.isolation.tasks import TenantTask
from scim.sync.planner import plan_run
from scim.sync.services.probes import probe_connector
from scim.sync.services.refusals import refuse_foreign_task
from scim.sync.worker import drain_connector

SECONDS: Final = 20.0
logger = logging.getLogger(__name__)


@shared_task(base=TenantTask, ignore_result=True)
def drain(tenant_id: str, connector_id: str) -> int:
    """Do what is due at a connector. Gives how many resources were looked at."""
    if refuse_foreign_task(table="connector", row_id=UUID(connector_id), task="drain"):
        return 0
    looked_at = drain_connector(connector_id=UUID(connector_id), seconds=SECONDS)
    if looked_at:  # there may be more, or was: the others have their turn in between
        ring_drain(UUID(tenant_id), UUID(connector_id))
    return looked_at or 0


@shared_task(base=TenantTask, ignore_result=True)
def plan(tenant_id: str, run_id: str) -> bool:
    """Go on planning a run. Gives whether it is done with."""
    if refuse_foreign_task(table="run", row_id=UUID(run_id), task="plan"):
        return True
    is_done = plan_run(run_id=UUID(run_id), seconds=SECONDS)
    if not is_done:
        ring_plan(UUID(tenant_id), UUID(run_id))
    return is_done


@shared_task(base=TenantTask, ignore_result=True)
def probe(_tenant_id: str, connector_id: str) -> bool:
    """Ask a system in quarantine whether it answers again. Gives whether it does."""
    if refuse_foreign_task(table="connector", row_id=UUID(connector_id), task="probe"):
        return False
    return probe_connector(connector_id=UUID(connector_id), origin=system_origin("sync"))


def ring_drain(tenant_id: UUID, connector_id: UUID) -> bool:
    """Ask for a worker; False when there is nobody to ask."""
    return _ring(drain, str(tenant_id), str(connector_id))


def ring_plan(tenant_id: UUID, run_id: UUID) -> bool:
    """Ask for a planner; False when there is nobody to ask."""
    return _ring(plan, str(tenant_id), str(run_id))


def ring_probe(tenant_id: UUID, connector_id: UUID) -> bool:
    """Ask for a probe; False when there is nobody to ask."""
    return _ring(probe, str(tenant_id), str(connector_id))


def _ring(task: Any, *args: str) -> bool:
    try:
        task.apply_async(args, retry=False)
    except OperationalError as error:
        logger.warning("sync: no worker can be asked for: %s", error)
        return False
    return True
