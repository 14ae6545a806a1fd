"""Every management command that may change something leaves its events, in the transaction of the change."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands
from django.db import DatabaseError

from tests.completeness.acts import COMMANDS, READING, World
from tests.completeness.watching import read_state, watched
from tests.scim.conftest import Provider

OURS = ("labsninja", "audit", "tenants", "scim", "portal")
FAILING = sorted(name for name, deed in COMMANDS.items() if deed.actions)


@pytest.fixture(name="world")
def _world(provider: Provider, tmp_path: Path) -> World:
    return World(provider, tmp_path)


def test_every_command_is_listed_with_its_events_or_as_one_that_reads() -> None:
    ours = {name for name, app in get_commands().items() if str(app).split(".")[0] in OURS}
    assert ours == COMMANDS.keys() | READING
    assert COMMANDS.keys() & READING == set()


@pytest.mark.capability("audit")
@pytest.mark.parametrize("name", COMMANDS)
def test_command_leaves_its_events_in_the_transaction_of_the_change(world: World, name: str) -> None:
    deed = COMMANDS[name]
    deed.prepare(world)
    with watched(world.tenant_id, *deed.aside) as traces:
        deed.run(name, world)
    assert traces.done == [str(action) for action in deed.actions]
    assert {*deed.deployment} <= {*traces.deployment}
    assert traces.unrecorded == {}


@pytest.mark.parametrize("name", FAILING)
def test_command_whose_event_is_refused_changes_nothing(
    world: World, name: str, refuse: Callable[[str, str], None]
) -> None:
    deed = COMMANDS[name]
    deed.prepare(world)
    before = read_state(world.tenant_id)
    refuse("audit_event", f"action <> '{deed.actions[0]}'")
    with pytest.raises((DatabaseError, CommandError)):
        deed.run(name, world)
    assert read_state(world.tenant_id) == before
