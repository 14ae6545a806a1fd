"""Numbers of the feed: from 1 on without a gap, in an order in which every change can be applied."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import uuid_utils.compat
from django.db import connections

from labsninja.kernel.isolation import current_scope, tenant_context, tenant_scope
from scim.queries import find_schemas
from scim.queries.feed import FeedPage, read_feed
from scim.services.feed import dispatch_changes, dispatch_waiting
from scim.store import feed
from scim.store.changes import Step, append_change
from scim.store.resources import LookupColumns, StoredResource, insert_resource
from tests.audit.histories import as_platform

FORGET = "UPDATE scim_change SET dispatched_at = NULL, feed_seq = NULL WHERE tenant_id = %s AND id = %s"


def _create(name: str) -> UUID:
    """A resource without a change."""
    now = datetime.now(UTC)
    made = StoredResource(uuid_utils.compat.uuid7(), "User", f'{{"userName":"{name}"}}', 1, now, now)
    insert_resource(made, lookup=LookupColumns(user_name=name), scim_client_id=None)
    return made.id


def _change(resource_id: UUID, version: int = 1) -> None:
    step = Step(resource_id, "User", version, "patched", datetime.now(UTC), None, "{}")
    append_change(step, actor_id="test", request_id="test")


def _write(count: int) -> list[UUID]:
    with tenant_scope():
        made = [_create(uuid4().hex) for _ in range(count)]
        for resource_id in made:
            _change(resource_id)
    return made


def _number(tenant_id: UUID, limit: int = 1000) -> int:
    with as_platform(None):
        return dispatch_changes(tenant_id=tenant_id, limit=limit)


def _read(after: int = 0, limit: int = 1000) -> FeedPage:
    return read_feed(after=after, limit=limit, revision=find_schemas().revision)


def _told(after: int = 0) -> list[tuple[int, UUID, int]]:
    return [(entry.number, entry.resource_id, entry.version) for entry in _read(after).entries]


def test_changes_are_numbered_in_their_order_from_one_on(tenant: UUID) -> None:
    first = _write(3)
    assert _told() == []
    assert _number(tenant) == 3
    second = _write(2)
    assert _number(tenant) == 2
    assert _number(tenant) == 0
    assert _told() == [(number, made, 1) for number, made in enumerate([*first, *second], 1)]
    assert _told(after=3) == [(4, second[0], 1), (5, second[1], 1)]


def test_batches_leave_no_gap_between_them(tenant: UUID) -> None:
    made = _write(7)
    assert [_number(tenant, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert _told() == [(number, one, 1) for number, one in enumerate(made, 1)]


def test_change_that_commits_late_comes_behind_what_was_read_meanwhile(tenant: UUID) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def write_slowly() -> UUID:
        with tenant_context(tenant), tenant_scope():
            late = _create("late")
            _change(late)
            begun.set()
            may_end.wait(30)
        connections.close_all()
        return late

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(write_slowly)
        begun.wait(30)
        (early,) = _write(1)
        assert _number(tenant) == 1
        assert _told() == [(1, early, 1)]
        may_end.set()
        late = slow.result()
    assert _number(tenant) == 1
    assert _told(after=1) == [(2, late, 1)]


def _with_ids(monkeypatch: pytest.MonkeyPatch, ids: Sequence[UUID]) -> None:
    """As if the clocks of the processes that write had gone wrong."""
    given = iter(ids)
    monkeypatch.setattr("scim.store.changes.uuid_utils.compat.uuid7", lambda: next(given))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 1000])
def test_versions_stand_in_their_order_where_ids_do_not(
    tenant: UUID, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    with tenant_scope():
        one, other = _create("one"), _create("other")
        ids = sorted(uuid_utils.compat.uuid7() for _ in range(5))
        _with_ids(monkeypatch, [ids[number] for number in (3, 1, 4, 0, 2)])
        for version in (1, 2, 3):
            _change(one, version)
        for version in (1, 2):
            _change(other, version)
    monkeypatch.undo()
    for _ in range(12):
        _number(tenant, limit=limit)
    told = _told()
    assert [number for number, _, _ in told] == [1, 2, 3, 4, 5][: len(told)]
    for resource_id, versions in ((one, [1, 2, 3]), (other, [1, 2])):
        seen = [version for _, found, version in told if found == resource_id]
        assert seen == versions[: len(seen)]
    if limit == 1000:
        assert len(told) == 5


def test_two_writers_give_every_number_once(tenant: UUID) -> None:
    made = _write(200)

    def work() -> int:
        found = sum(iter(lambda: _number(tenant, limit=7), 0))
        connections.close_all()
        return found

    with ThreadPoolExecutor() as pool:
        done = [pool.submit(work) for _ in range(4)]
    assert sum(one.result() for one in done) == 200
    assert [number for number, _, _ in _told()] == list(range(1, 201))
    assert {resource_id for _, resource_id, _ in _told()} == set(made)


def test_feeds_of_all_tenants_are_numbered_each_on_its_own(make_tenant: Callable[[], UUID]) -> None:
    tenants = [make_tenant() for _ in range(3)]
    for count, tenant_id in enumerate(tenants, 1):
        with tenant_context(tenant_id):
            _write(count)
    with as_platform(None):
        dispatch_waiting()
        assert not set(tenants) & set(feed.find_waiting_tenants())
    for count, tenant_id in enumerate(tenants, 1):
        with tenant_context(tenant_id):
            assert [number for number, _, _ in _told()] == list(range(1, count + 1))


def test_number_once_given_is_given_to_nothing_else(tenant: UUID) -> None:
    _write(2)
    _number(tenant)
    with tenant_scope() as scope:
        scope.execute(FORGET, [tenant, _read(1, 1).entries[0].id])
        assert current_scope() is scope
    _number(tenant)
    assert [number for number, _, _ in _told()] == [1, 3]


def test_page_ends_behind_the_entry_that_passes_its_bytes(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(3)
    _number(tenant)
    monkeypatch.setattr("scim.queries.feed.MOST_BYTES", 3)
    page = _read()
    assert ([entry.number for entry in page.entries], page.is_last) == ([1, 2], False)
    assert _read(2).is_last


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (feed.READ, "scim_change_feed_seq_unique"),
        (feed.NUMBER, "scim_change_undispatched"),
        (feed.TENANTS, "scim_change_undispatched"),
    ],
)
def test_feed_is_read_by_its_indexes(tenant: UUID, statement: str, index: str) -> None:
    """Under row-level security, by a plan that is made once for all values."""
    _write(3)
    named = "%(" in statement
    values: Any = {"tenant": tenant, "last": 0, "limit": 100} if named else [tenant, 0, 100][: statement.count("%s")]
    with tenant_scope() as scope:
        scope.execute("SET LOCAL plan_cache_mode = force_generic_plan", [])
        scope.execute("SET LOCAL enable_seqscan = off", [])
        plan = "\n".join(row[0] for row in scope.execute(f"EXPLAIN (COSTS OFF) {statement}", values).fetchall())
    assert index in plan, plan
    assert "Seq Scan on scim_change" not in plan, plan


HOLD = """
INSERT INTO scim_hold (tenant_id, id, resource_id, kind, version, was_active, request_id, held_at)
VALUES (%s, gen_random_uuid(), %s, 'deactivation', %s, true, 'test', now())
"""
SETTLE = "UPDATE scim_hold SET state = 'released', settled_at = now(), settled_by = 'test' WHERE tenant_id = %s"


def test_who_is_held_back_waits_with_every_later_change_and_nobody_else_does(tenant: UUID) -> None:
    held, other = _write(2)
    _number(tenant)
    with tenant_scope() as scope:
        scope.execute(HOLD, [tenant, held, 3])
        for version in (2, 3, 4):
            _change(held, version)
        _change(other, 2)
    assert _number(tenant, limit=2) == 1
    assert _number(tenant, limit=2) == 0
    assert _told(after=2) == [(3, other, 2)]
    with tenant_scope() as scope:
        scope.execute(SETTLE, [tenant])
    assert _number(tenant) == 3
    assert _told(after=3) == [(4, held, 2), (5, held, 3), (6, held, 4)]
