"""Totals of live resources."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import pytest
from django.db import IntegrityError, connections

from labsninja.kernel.isolation import cross_tenant, tenant_context
from scim.store.counters import count_changed, count_created, count_deleted, live_total
from scim.store.pipeline import pipelined_scope

SLOTS = "SELECT count(*), min(slot), max(slot) FROM scim_counter WHERE tenant_id = %s"
INSERT = "INSERT INTO scim_counter (tenant_id, resource_type, slot, live) VALUES (%s, 'User', %s, 0)"


def _total(resource_type: str = "User") -> int:
    with pipelined_scope():
        total = live_total(resource_type=resource_type)
    return total.read()


def test_tenant_without_resources_has_a_total_of_nought(tenant: UUID) -> None:
    assert _total() == 0


def test_total_is_what_was_created_less_what_was_deleted(tenant: UUID) -> None:
    with pipelined_scope():
        count_created(resource_type="User", number=5)
    with pipelined_scope():
        count_deleted(resource_type="User", number=2)
    assert _total() == 3


def test_types_are_counted_apart(tenant: UUID) -> None:
    with pipelined_scope():
        count_changed(numbers={"User": 2, "Group": 1})
    assert (_total("User"), _total("Group")) == (2, 1)


def test_count_of_a_transaction_that_fails_is_not_kept(tenant: UUID) -> None:
    with suppress(RuntimeError), pipelined_scope():
        count_created(resource_type="User")
        raise RuntimeError
    assert _total() == 0


def test_total_is_the_tenants_own_even_on_the_platform_role(make_tenant: Callable[[], UUID]) -> None:
    one, other = make_tenant(), make_tenant()
    with tenant_context(one), pipelined_scope():
        count_created(resource_type="User")
    with cross_tenant(reason="a test of the filter alone"), tenant_context(other):
        assert _total() == 0


def test_connections_count_at_once_and_none_is_lost(tenant: UUID) -> None:
    def count(_: int) -> None:
        with tenant_context(tenant):
            for _ in range(25):
                with pipelined_scope():
                    count_created(resource_type="User")
        connections["default"].close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    assert _total() == 100
    with pipelined_scope() as scope:
        slots, _lowest, _highest = scope.execute(SLOTS, [tenant]).fetchone()
    assert slots > 1


def test_transaction_uses_one_slot(tenant: UUID) -> None:
    with pipelined_scope() as scope:
        for _ in range(20):
            count_created(resource_type="User")
        slots, lowest, highest = scope.execute(SLOTS, [tenant]).fetchone()
    assert (slots, lowest) == (1, highest)


def test_slot_beyond_the_last_is_refused(tenant: UUID) -> None:
    with pytest.raises(IntegrityError, match="scim_counter_slot_bounded"), pipelined_scope() as scope:
        scope.execute(INSERT, [tenant, 16])
