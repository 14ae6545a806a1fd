"""Changing one member costs the same whatever the size of the group."""

import re
import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from labsninja.kernel.isolation import current_tenant
from scim.store.computed import Aspects
from scim.store.members import add_members, remove_members
from scim.store.members.adding import ADD
from scim.store.members.removing import REMOVE
from scim.store.members.values import read_values
from scim.store.resources import COMPUTED
from tests.store.groups import AT, LOCATIONS, add, insert_groups, insert_users, lock_group, scope

AT_ONCE = 10_000
# By hand: the difference that a level of an index, or a page of it more, may make.
SLACK = 12
PAGES = re.compile(r"shared hit=(\d+)")


def _make_group(size: int) -> tuple[UUID, UUID, UUID]:
    """A group of that many members, the last of them, and somebody who is none."""
    with scope():
        (group,), (other,) = insert_groups(f"group of {size}"), insert_users(f"other {size}")
        last = other
        for start in range(0, size, AT_ONCE):
            users = insert_users(*(f"{size}-{number}" for number in range(start, min(start + AT_ONCE, size))))
            last = add(group, *users).added[-1]
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE scim_resource, scim_member")
    return group, last, other


def _pages(statement: str, params: dict[str, Any]) -> int:
    """Pages that the statement looks at."""
    with scope() as opened:
        explain = f"EXPLAIN (ANALYZE, BUFFERS) {statement}"
        opened.execute(explain, params).fetchall()  # the first time the catalogue is read too
        plan = [line for (line,) in opened.execute(explain, params).fetchall()]
    found = next(match for line in plan if (match := PAGES.search(line)))
    assert not any("Seq Scan" in line for line in plan), plan
    return int(found[1])


def _computed_pages(resource_id: UUID, aspects: Aspects) -> int:
    params = {"tenant": current_tenant(), "id": resource_id, **aspects.params}
    return _pages(aspects.fill(COMPUTED), params)


def _params(group: UUID, member: UUID) -> dict[str, Any]:
    return {"tenant": current_tenant(), "group": group, "at": AT, **read_values([str(member)])}


def test_one_member_of_ten_thousand_costs_no_more_pages_than_one_of_ten(tenant: UUID) -> None:
    small, big = _make_group(10), _make_group(AT_ONCE)
    for statement, chosen in ((ADD, 2), (ADD, 1), (REMOVE, 1), (REMOVE, 2)):
        few, many = (_pages(statement, _params(group[0], group[chosen])) for group in (small, big))
        assert many <= few + SLACK, statement


def test_groups_of_a_member_are_looked_up_by_member(tenant: UUID) -> None:
    small, big = _make_group(10), _make_group(AT_ONCE)
    aspects = Aspects(LOCATIONS, groups=True)
    few, many = (_computed_pages(group[1], aspects) for group in (small, big))
    assert many <= few + SLACK


def test_members_of_a_small_group_cost_the_same_beside_a_big_one(tenant: UUID) -> None:
    small, _big = _make_group(10), _make_group(AT_ONCE)
    with scope():
        (empty,) = insert_groups("empty")
    aspects = Aspects(LOCATIONS, members=True)
    none, ten = (_computed_pages(group, aspects) for group in (empty, small[0]))
    assert (none <= SLACK, ten <= none + 10 * SLACK) == (True, True)


@pytest.mark.long
def test_one_member_of_a_hundred_thousand_takes_no_longer_than_one_of_ten(tenant: UUID) -> None:
    small, big = _make_group(10), _make_group(100_000)

    def measure(group: UUID, member: UUID) -> float:
        def change() -> None:
            with scope():
                lock_group(group)
                add_members(group_id=group, values=[str(member)], at=AT)
            with scope():
                lock_group(group)
                remove_members(group_id=group, values=[str(member)])

        return _median_time(change)

    times = {size: measure(group, other) for size, (group, _, other) in ((10, small), (100_000, big))}
    print(f"one member added and removed, seconds: {times}")  # noqa: T201  # a measurement is read
    assert times[100_000] < 1.3 * times[10]


def _median_time(act: Callable[[], None]) -> float:
    taken = []
    for _ in range(400):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
