"""The ledger builds indexes, and one that is killed in the middle costs nothing but its last batch."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections

from audit.actors import system_origin
from bench.seeding import MARK, _insert, _unhurried, user_body
from labsninja.kernel.isolation import tenant_context
from labsninja.ledger import LEASE
from scim.protocol.schemas import USER
from scim.protocol.schemas.tenant import IndexState
from scim.queries import list_attribute_indexes
from scim.services.schemas import define_schemas
from scim.store.attribute_indexes import AttributeIndex
from scim.store.pipeline import pipelined_scope
from tests.labsninja.processes import environment, started, wait_for

PEOPLE = 8_000
LAB = "urn:example:lab:2.0:Badge"
FREE_LEASE = "UPDATE kernel_lease SET lease_until = clock_timestamp() WHERE name = %s"
ROWS = """
SELECT (SELECT count(*) FROM scim_resource_index WHERE tenant_id = %(tenant)s AND path = %(path)s),
       (SELECT count(DISTINCT value) FROM scim_resource_index WHERE tenant_id = %(tenant)s AND path = %(path)s),
       (SELECT count(*) FROM scim_unique_value WHERE tenant_id = %(tenant)s AND path = %(path)s)
"""


@pytest.fixture(name="crowded")
def _crowded(tenant: UUID) -> Iterator[UUID]:
    """A tenant of many people with an office each but for the last, whose office is that of the first, to be unique."""
    with _unhurried():
        _insert(USER, {**user_body(MARK), LAB: {"office": f"o{MARK}"}}, 1, PEOPLE)
    with _unhurried():
        _insert(
            USER,
            {**user_body(MARK), "userName": "last", "externalId": "last", LAB: {"office": "O0000001"}},
            PEOPLE + 1,
            PEOPLE + 1,
        )
    attributes = [{"name": "office", "uniqueness": "server"}]
    with _unhurried():
        define_schemas(
            definitions=[{"id": LAB, "attributes": attributes}], origin=system_origin("test"), extends=["User"]
        )
    yield tenant
    _free_lease()


def _free_lease() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(FREE_LEASE, [LEASE])


def _index() -> AttributeIndex:
    (found,) = list_attribute_indexes()
    return found


def _wait_for_more(seen: int, log: Path) -> None:
    wait_for(lambda: _index().seen > seen, seconds=20, told_by=log)


def test_killed_ledger_leaves_a_build_that_its_successor_ends_exactly(crowded: UUID, tmp_path: Path) -> None:
    log = tmp_path / "log"
    for _kill in range(2):
        _free_lease()
        seen = _index().seen
        with started(["manage.py", "ledger"], log=log, env=environment(OWNER_DATABASE_URL="")) as ledger:
            _wait_for_more(seen, log)
            os.kill(ledger.pid, signal.SIGKILL)
            ledger.wait(10)
        assert _index().state is IndexState.BUILDING
        assert 0 < _index().seen < PEOPLE
    _free_lease()
    with started(["manage.py", "ledger"], log=log, env=environment(OWNER_DATABASE_URL="")):
        wait_for(lambda: _index().state is not IndexState.BUILDING, seconds=60, told_by=log)
    built = _index()
    assert (built.state, built.seen, built.obstacles) == (IndexState.FAILED, PEOPLE + 1, 1)
    assert len(built.examples) == 1
    with tenant_context(crowded), pipelined_scope() as scope:
        rows = scope.execute(ROWS, {"tenant": crowded, "path": f"{LAB}:office"}).fetchone()
    assert rows == (PEOPLE + 1, PEOPLE, PEOPLE)
