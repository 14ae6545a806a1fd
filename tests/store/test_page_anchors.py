"""Deep pages are found from anchors, exactly what OFFSET would give, whoever comes and goes meanwhile."""

import random
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
import uuid_utils.compat
from django.db import connections

from labsninja.kernel.isolation import cross_tenant, current_scope, tenant_context
from scim.protocol.pagination import PageRequest
from scim.protocol.schemas import USER
from scim.services.page_anchors import PageAnchorsAttendant, fold_page_steps
from scim.store import page_anchors, search
from scim.store.computed import PLAIN
from scim.store.filter_sql import Parameters
from scim.store.page_anchors import fold_steps
from scim.store.pipeline import pipelined_scope
from scim.store.resources import (
    LookupColumns,
    StoredResource,
    insert_resource,
    mark_deleted,
    revive_tombstone,
    touch_resource,
)
from tests.store.groups import LOCATIONS

BOTH = """
SELECT ARRAY(SELECT id FROM ({page}) AS p WHERE id IS NOT NULL), ARRAY(
    SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = 'User' AND deleted_at IS NULL
    ORDER BY id OFFSET %(offset)s LIMIT %(limit)s)
"""
LIVE = """
SELECT id, user_name FROM scim_resource WHERE tenant_id = %s AND resource_type = 'User' AND deleted_at IS NULL
"""
ANCHORS = "SELECT live FROM scim_page_anchor WHERE tenant_id = %s ORDER BY first_id"


@pytest.fixture(name="short", autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of ten, so that few rows make many."""
    short = page_anchors.FOLD.replace("<= 2000", "<= 20").replace("at / 1000", "at / 10")
    assert short.count("20 THEN 0 ELSE at / 10 ") == 1
    monkeypatch.setattr(page_anchors, "FOLD", short)
    monkeypatch.setattr(search, "STRETCH", 1)


def _create(number: int) -> None:
    """With an id anywhere among the others."""
    now, name = datetime.now(UTC), f"user{number}"
    person = StoredResource(uuid_utils.compat.uuid4(), "User", f'{{"userName":"{name}"}}', 1, now, now)
    insert_resource(person, lookup=LookupColumns(user_name=name), scim_client_id=None)


def _change(draw: random.Random, number: int) -> None:
    """Somebody comes, goes, or comes back."""
    live = current_scope().execute(LIVE, [current_scope().tenant_id]).fetchall()
    if draw.random() < 0.5 or not live:
        _create(number)
        return
    gone, name = draw.choice(live)
    mark_deleted(resource_id=gone, at=datetime.now(UTC))
    if draw.random() < 0.3:
        former = revive_tombstone(resource_type="User", user_name=name)
        assert former
        touch_resource(former, at=datetime.now(UTC))


def _page(offset: int, count: int = 7) -> tuple[list[UUID], list[UUID]]:
    """The page, and what OFFSET gives, in one statement and so of one snapshot."""
    with pipelined_scope() as scope:
        params = Parameters(tenant_id=scope.tenant_id, resource_type=USER, locations=LOCATIONS)
        params.values |= {"offset": offset, "limit": count}
        wanted = search.Search(page=PageRequest(offset + 1, count))
        assert wanted.is_anchored
        page = search._compile(wanted, [USER], params, PLAIN)
        found = scope.execute(BOTH.format(page=page), params.values)
    both: tuple[list[UUID], list[UUID]] = found.fetchone()
    return both


@contextmanager
def _people(number: int) -> Iterator[None]:
    with pipelined_scope():
        for one in range(number):
            _create(one)
    yield


def _anchors() -> list[int]:
    with pipelined_scope() as scope:
        found = scope.execute(ANCHORS, [scope.tenant_id])
    return [live for (live,) in found.fetchall()]


@pytest.mark.parametrize("seed", range(4))
def test_every_page_is_the_one_that_offset_gives(tenant: UUID, seed: int) -> None:
    draw = random.Random(seed)
    with _people(60):
        for number in range(100, 160):
            with pipelined_scope():
                _change(draw, number)
                if draw.random() < 0.1:
                    fold_steps(resource_type="User")
            found, wanted = _page(draw.randrange(1, 70))
            assert found == wanted
    assert len(_anchors()) > 3


def test_page_is_exact_beside_writers_and_folding(tenant: UUID) -> None:
    over = threading.Event()

    def write(seed: int) -> None:
        draw = random.Random(seed)
        with tenant_context(tenant):
            for number in range(seed * 1_000, seed * 1_000 + 120):
                with pipelined_scope():
                    _create(number) if draw.random() < 0.7 else _change(random.Random(seed), number)
        connections.close_all()

    def fold() -> None:
        with tenant_context(tenant):
            while not over.is_set():
                with pipelined_scope():
                    fold_steps(resource_type="User")
        connections.close_all()

    draw = random.Random(0)
    with _people(60), ThreadPoolExecutor(3) as threads:
        folding = threads.submit(fold)
        writing = [threads.submit(write, seed) for seed in (1, 2)]
        try:
            while not all(one.done() for one in writing):
                found, wanted = _page(draw.randrange(1, 120))
                assert found == wanted
        finally:
            over.set()
        for one in (folding, *writing):
            one.result()
    for offset in range(1, 200, 13):
        found, wanted = _page(offset)
        assert found == wanted


def test_stretch_that_grows_is_split_and_one_that_is_empty_stays(tenant: UUID) -> None:
    with _people(35), pipelined_scope():
        fold_steps(resource_type="User")
    assert _anchors() == [10, 10, 10, 5]
    with pipelined_scope() as scope:
        for one, _name in sorted(scope.execute(LIVE, [scope.tenant_id]).fetchall())[:10]:
            mark_deleted(resource_id=one, at=datetime.now(UTC))
        fold_steps(resource_type="User")
    assert _anchors() == [0, 10, 10, 5]
    found, wanted = _page(3)
    assert found == wanted != []


def test_anchors_and_steps_of_another_tenant_do_not_count(make_tenant: Callable[[], UUID]) -> None:
    """On the platform role, which row-level security does not bind: the statements' own filter is all there is."""
    one, other = make_tenant(), make_tenant()
    for tenant_id in (one, other):
        with tenant_context(tenant_id), _people(40), pipelined_scope():
            fold_steps(resource_type="User")
    with tenant_context(other), pipelined_scope():
        _create(100)
    with cross_tenant(reason="a test of the filter alone"), tenant_context(one):
        for offset in range(1, 45, 6):
            found, wanted = _page(offset)
            assert found == wanted
        with pipelined_scope():
            assert page_anchors.find_waiting_types(at_least=1) == []
            fold_steps(resource_type="User")
    with tenant_context(other), pipelined_scope():
        assert page_anchors.find_waiting_types(at_least=1) == ["User"]


def test_page_behind_the_last_is_empty(tenant: UUID) -> None:
    with _people(25), pipelined_scope():
        fold_steps(resource_type="User")
    assert _page(25) == ([], [])
    assert _page(10**12) == ([], [])


def test_ledger_folds_where_many_steps_wait(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    with _people(page_anchors.WORTHWHILE - 1):
        assert fold_page_steps() == 0
    with pipelined_scope():
        _create(-1)
    assert PageAnchorsAttendant().fold_some() >= 1  # other tests' tenants are looked after, too
    assert sum(_anchors()) == page_anchors.WORTHWHILE
    assert fold_page_steps() == 0


def test_page_reads_no_more_than_its_stretch(tenant: UUID) -> None:
    with _people(400), pipelined_scope():
        fold_steps(resource_type="User")
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) scim_resource, scim_page_anchor, scim_page_step")
    params = Parameters(tenant_id=tenant, resource_type=USER, locations=LOCATIONS)
    params.values |= {"offset": 380, "limit": 7}
    wanted = search.Search(page=PageRequest(381, 7))
    with pipelined_scope(by_keys=True) as scope:
        statement = search._compile(wanted, [USER], params, PLAIN)
        lines = scope.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", params.values).fetchall()
    plan = "\n".join(line for (line,) in lines)
    page = plan.split("CTE page")[1].split("CTE Scan on page")[0]
    read = re.search(r"Scan using scim_resource_(?:live|pkey) on .*actual rows=([\d.]+)", page)
    assert read, plan
    assert float(read[1]) <= 20, plan
    assert "Rows Removed" not in page, plan
    assert "AND (id >= " in page, plan
    assert "Seq Scan" not in plan, plan
