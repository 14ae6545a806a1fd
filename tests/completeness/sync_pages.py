"""The console's pages about connectors and runs that may change something, and the event that each leaves."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from audit.actions import Action
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.sync.services.connectors import Settings, create_connector, start_connector
from scim.sync.services.runs import request_run
from scim.sync.store.runs import move_run
from tests.completeness.desk import SYSTEM, Desk

Deed = tuple[Callable[[Desk], Any], Action | None]
# Nobody is called there: the address of this very machine is refused.
FORM = {"name": "Slack", "preset": "slack", "url": "https://127.0.0.1/v2", "secret": "s", "leaving": "deactivate"}


def make_connector(desk: Desk, *, is_started: bool = False) -> UUID:
    """A connector of the desk's tenant."""
    with tenant_context(desk.tenant_id):
        settings = Settings(url=FORM["url"])
        made = create_connector(name=f"C {uuid4()}", kind="scim", settings=settings, secret="s", origin=SYSTEM)
        if is_started:
            start_connector(connector_id=made, origin=SYSTEM)
    return made


def make_run(desk: Desk, state: str = "running") -> UUID:
    """A run of one, in that state."""
    connector_id = make_connector(desk, is_started=True)
    with tenant_context(desk.tenant_id):
        run_id = request_run(connector_id=connector_id, mode="full", origin=SYSTEM)
        with tenant_scope():
            move_run(run_id=run_id, froms=("queued",), state=state, plan_hash=EMPTY)
    return run_id


# Of a plan without anything in it.
EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def _approve(desk: Desk) -> Any:
    run_id = make_run(desk, "awaiting_approval")
    return desk.post("console:run-approve", {"plan": EMPTY.hex()}, run_id)


SYNC: dict[str, Deed] = {
    "connector-new": (lambda desk: desk.post("console:connector-new", FORM), Action.CONNECTOR_CREATED),
    "connector-edit": (
        lambda desk: desk.post("console:connector-edit", FORM, make_connector(desk)),
        Action.CONNECTOR_CHANGED,
    ),
    "connector-test": (
        lambda desk: desk.post("console:connector-test", None, make_connector(desk)),
        Action.CONNECTOR_TESTED,
    ),
    "connector-run": (
        lambda desk: desk.post("console:connector-run", {"mode": "dry_run"}, make_connector(desk)),
        Action.RUN_REQUESTED,
    ),
    "connector-remove": (
        lambda desk: desk.post("console:connector-remove", None, make_connector(desk)),
        Action.CONNECTOR_REMOVED,
    ),
    "connector-act": (
        lambda desk: desk.post("console:connector-act", None, make_connector(desk), "start"),
        Action.CONNECTOR_STARTED,
    ),
    "run-approve": (_approve, Action.RUN_APPROVED),
    "run-act": (lambda desk: desk.post("console:run-act", None, make_run(desk), "pause"), Action.RUN_PAUSED),
}
