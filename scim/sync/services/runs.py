"""Runs for people: asked for, paused, gone on with, cancelled, and the plans that wait for somebody to approve them."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import uuid_utils.compat

from audit.actions import Action
from audit.actors import Origin, system_origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from scim.sync.errors import RefusedError, UnknownConnectorError, UnknownRunError
from scim.sync.store.connectors import Connector, find_connector
from scim.sync.store.plans import apply_plan, hash_plan
from scim.sync.store.runs import (
    Run,
    cancel_links,
    count_progress,
    count_remaining,
    find_run,
    insert_run,
    move_run,
)
from tenants.models import Role
from tenants.services.roles import check_role

MODES: Final[Mapping[str, str]] = {"full": "Full run", "dry_run": "Dry run"}


def request_run(*, connector_id: UUID, mode: str, origin: Origin) -> UUID:
    """Have everything looked at; a dry run ends with its plan. Raises RoleRefusedError, UnknownConnectorError,
    RefusedError.
    """
    run_id = uuid_utils.compat.uuid7()
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        connector = find_connector(connector_id=connector_id)
        if connector is None:
            raise UnknownConnectorError("There is no such connector any more.")
        if mode not in MODES or connector.kind != "scim":
            raise RefusedError("There is no such run of this connector.")
        if mode == "full" and connector.state != "active":
            raise RefusedError("Start the connector first; a dry run can be made before.")
        by = origin.actor.label
        if not insert_run(run_id=run_id, connector_id=connector_id, mode=mode, by=by, at=origin.at):
            raise RefusedError("A run of this connector is under way.")
        _record(Action.RUN_REQUESTED, connector, run_id, origin, {"mode": MODES[mode]})
    return run_id


def approve_run(*, run_id: UUID, plan_hash: bytes, origin: Origin) -> int:
    """Do what the plan says, which is the one that was seen; gives for how many resources. Raises RoleRefusedError,
    UnknownRunError, RefusedError.
    """
    with tenant_scope():
        run, connector = _lock(run_id, origin)
        if run.state != "awaiting_approval":
            raise RefusedError("This run does not wait for approval any more.")
        if plan_hash != run.plan_hash or hash_plan(run_id=run_id) != run.plan_hash:
            raise RefusedError("The plan is another by now. Look at it again.")
        move_run(run_id=run_id, froms=("awaiting_approval",), state="running")
        number = apply_plan(run=run)
        details = {"number": number, "reason": run.cause}
        _record(Action.RUN_APPROVED, connector, run_id, origin, details)
    return number


def pause_run(*, run_id: UUID, origin: Origin) -> None:
    """Send nothing more of it until it is gone on with. Raises RoleRefusedError, UnknownRunError, RefusedError."""
    _move(run_id, ("running",), "paused", Action.RUN_PAUSED, origin)


def resume_run(*, run_id: UUID, origin: Origin) -> None:
    """Go on with it. Raises as pause_run."""
    _move(run_id, ("paused",), "running", Action.RUN_RESUMED, origin)


def cancel_run(*, run_id: UUID, origin: Origin) -> None:
    """End it; what was sent stays, what was not begun stays as it is over there. Raises as pause_run."""
    with tenant_scope():
        _move(
            run_id,
            ("queued", "planning", "awaiting_approval", "running", "paused"),
            "canceled",
            Action.RUN_CANCELED,
            origin,
        )
        cancel_links(run_id=run_id)


def finish_run(*, run_id: UUID) -> bool:
    """Close a run of the bound tenant when all of it had its turn. Gives whether it did."""
    with tenant_scope():
        run = find_run(run_id=run_id, lock=True)
        if run is None or run.state != "running":
            return False
        _done, failed = count_progress(run_id=run_id)
        waiting, retried = count_remaining(run_id=run_id)
        if waiting:
            return False
        state = "partial" if failed or retried else "succeeded"
        cause = f"{retried:,} are tried again later." if retried else ""
        move_run(run_id=run_id, froms=("running",), state=state, cause=cause)
        connector = find_connector(connector_id=run.connector_id)
        if connector is not None:
            details = {"state": state, "done": run.to_do - failed - retried, "failed": failed + retried}
            _record(Action.RUN_ENDED, connector, run_id, system_origin("sync"), details)
        return True


def _move(run_id: UUID, froms: tuple[str, ...], state: str, action: Action, origin: Origin) -> None:
    with tenant_scope():
        run, connector = _lock(run_id, origin)
        if not move_run(run_id=run_id, froms=froms, state=state):
            raise RefusedError(f"This cannot be done: the run is {run.state.replace('_', ' ')}.")
        _record(action, connector, run_id, origin, {})


def _lock(run_id: UUID, origin: Origin) -> tuple[Run, Connector]:
    check_role(origin=origin, least=Role.ADMIN)
    run = find_run(run_id=run_id, lock=True)
    connector = find_connector(connector_id=run.connector_id) if run else None
    if run is None or connector is None:
        raise UnknownRunError("There is no such run.")
    return run, connector


def _record(action: Action, connector: Connector, run_id: UUID, origin: Origin, details: Mapping[str, Any]) -> None:
    target = Target("Connector", str(connector.id), connector.name)
    record_event(event=Event(action, target, details={"run": str(run_id), **details}), origin=origin)
