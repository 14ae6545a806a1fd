"""Deletion takes memberships along; whoever changes one group at the same time loses nothing and nobody is stuck."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections

from labsninja.kernel.isolation import tenant_context
from scim.store.members import (
    MembershipLoopError,
    drop_memberships,
    lock_for_deletion,
    remove_members,
)
from tests.store.groups import (
    add,
    bury,
    ids_of,
    insert_groups,
    insert_users,
    list_groups_of,
    lock_group,
    pending_of,
    rows_of,
    scope,
)

THREADS = 32
TOUCH = "UPDATE scim_resource SET version = version + 1 WHERE id = ANY(%s)"
VERSION = "SELECT version FROM scim_resource WHERE id = %s"


@pytest.fixture(name="pool")
def _pool(tenant: UUID) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


def _run(pool: ThreadPoolExecutor, tenant_id: UUID, acts: list[Callable[[], None]]) -> None:
    """All at once, each as a service would: bound to the tenant, in scopes of its own."""

    def run(act: Callable[[], None]) -> None:
        try:
            with tenant_context(tenant_id):
                act()
        finally:
            connections["default"].close()

    for future in [pool.submit(run, act) for act in acts]:
        future.result(timeout=60)


def _patch(group: UUID, *, added: list[UUID], removed: list[UUID]) -> None:
    with scope() as opened:
        lock_group(group)
        remove_members(group_id=group, values=map(str, removed))
        add(group, *added)
        opened.execute(TOUCH, [[group]])


def _delete(resource: UUID) -> None:
    with scope() as opened:
        locked = lock_for_deletion(resource_type="User", resource_id=resource)
        bury(resource)
        drop_memberships(resource_id=resource)
        opened.execute(TOUCH, [[group.id for group in locked.groups]])


def test_deleted_user_leaves_its_groups(tenant: UUID) -> None:
    with scope():
        groups, (ada, bob) = insert_groups("lab", "choir", "other"), insert_users("ada", "bob")
        add(groups[0], ada, bob)
        add(groups[1], ada)
        locked = lock_for_deletion(resource_type="User", resource_id=ada)
        assert [group.id for group in locked.groups] == groups[:2]
        drop_memberships(resource_id=ada)
        assert [ids_of(group) for group in groups] == [[bob], [], []]


def test_deleted_group_leaves_its_groups_and_its_members(tenant: UUID) -> None:
    with scope():
        (outer, middle, inner), (ada,) = insert_groups("outer", "middle", "inner"), insert_users("ada")
        add(outer, middle)
        add(middle, inner, ada, "later")
        locked = lock_for_deletion(resource_type="Group", resource_id=middle)
        assert [group.id for group in locked.groups] == [outer]
        drop_memberships(resource_id=middle)
        assert (rows_of(outer), rows_of(middle), list_groups_of(ada)) == ([], [], [])


def test_concurrent_patches_of_one_group_lose_nothing(tenant: UUID, pool: ThreadPoolExecutor) -> None:
    with scope():
        (group,), users = insert_groups("lab"), insert_users(*(f"u{number}" for number in range(THREADS * 8)))
        add(group, *users[::2])

    def patch(number: int) -> Callable[[], None]:
        own = users[number * 8 : number * 8 + 8]

        def act() -> None:
            for leaving, coming in zip(own[::2], own[1::2], strict=True):
                _patch(group, added=[coming], removed=[leaving])

        return act

    _run(pool, tenant, [patch(number) for number in range(THREADS)])
    with scope() as opened:
        assert ids_of(group) == users[1::2]
        assert opened.execute(VERSION, [group]).fetchone() == (1 + THREADS * 4,)


def test_patches_and_deletions_of_members_at_once_neither_block_nor_leave_a_rest(
    tenant: UUID, pool: ThreadPoolExecutor
) -> None:
    chance = random.Random(7)
    with scope():
        groups, users = insert_groups("lab", "choir"), insert_users(*(f"u{number}" for number in range(THREADS * 4)))
        add(groups[0], *users[::3])
    doomed, staying = users[::2], users[1::2]

    def patch() -> None:
        for _ in range(4):
            some = chance.sample(users, 12)
            _patch(chance.choice(groups), added=some[:6], removed=[user for user in some[6:] if user in doomed])

    acts: list[Callable[[], None]] = [patch for _ in range(THREADS)]
    acts += [lambda user=user: _delete(user) for user in doomed]  # type: ignore[misc]  # a lambda has no annotations
    acts += [lambda user=user: _patch(groups[1], added=[user], removed=[]) for user in staying]  # type: ignore[misc]  # as above
    chance.shuffle(acts)
    _run(pool, tenant, acts)
    with scope():
        assert ids_of(groups[1]) == staying
        assert {user for user in users[::3] if user in staying} <= set(ids_of(groups[0]))
        left = [member_id for group in groups for _, member_id, *_ in rows_of(group) if member_id in doomed]
        assert left == []
        assert {value for group in groups for value in pending_of(group)} <= set(map(str, doomed))


def test_deletion_waits_for_a_group_that_takes_the_user_in(tenant: UUID, pool: ThreadPoolExecutor) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
    with scope():
        lock_group(group)
        assert add(group, ada).is_visible
        deletion = pool.submit(_delete_of, tenant, ada)
        with pytest.raises(TimeoutError):
            deletion.result(timeout=0.3)
    deletion.result(timeout=10)
    with scope() as opened:
        assert rows_of(group) == []
        assert opened.execute(VERSION, [group]).fetchone() == (2,)


def test_user_deleted_while_a_group_waits_to_take_it_in_becomes_pending(tenant: UUID, pool: ThreadPoolExecutor) -> None:
    with scope():
        (group,), (ada,) = insert_groups("lab"), insert_users("ada")
    with scope():
        lock_for_deletion(resource_type="User", resource_id=ada)
        patch = pool.submit(_run_alone, tenant, lambda: _patch(group, added=[ada], removed=[]))
        with pytest.raises(TimeoutError):
            patch.result(timeout=0.3)
        bury(ada)
        drop_memberships(resource_id=ada)
    patch.result(timeout=10)
    with scope():
        assert (ids_of(group), pending_of(group)) == ([], [str(ada)])


def test_two_groups_that_take_each_other_in_at_once_do_not_both_succeed(tenant: UUID, pool: ThreadPoolExecutor) -> None:
    for _ in range(8):
        with scope():
            first, second = insert_groups("first", "second")
        refused: list[UUID] = []

        def take_in(outer: UUID, inner: UUID, refused: list[UUID] = refused) -> None:
            try:
                _patch(outer, added=[inner], removed=[])
            except MembershipLoopError as error:
                refused.append(error.member_id)

        pairs = [(first, second), (second, first)]
        _run(pool, tenant, [lambda pair=pair: take_in(*pair) for pair in pairs])  # type: ignore[misc]  # as above
        assert len(refused) == 1


def _run_alone(tenant_id: UUID, act: Callable[[], None]) -> None:
    try:
        with tenant_context(tenant_id):
            act()
    finally:
        connections["default"].close()


def _delete_of(tenant_id: UUID, resource: UUID) -> None:
    _run_alone(tenant_id, lambda: _delete(resource))
