"""Units of a Bulk request in their order: by hand, and against a plain model for any graph."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim.protocol.bulk.schedule import plan_units

COUNT = 8
NODES = st.integers(0, COUNT - 1)
GRAPHS = st.dictionaries(NODES, st.sets(NODES, max_size=3))


def _reachable(start: int, needs: dict[int, set[int]]) -> set[int]:
    found: set[int] = set()
    following = list(needs.get(start, ()))
    while following:
        node = following.pop()
        if node not in found:
            found.add(node)
            following.extend(needs.get(node, ()))
    return found


@settings(max_examples=200, deadline=None)
@given(GRAPHS)
def test_units_are_circles_and_come_after_what_they_need(needs: dict[int, set[int]]) -> None:
    units = plan_units(COUNT, needs)
    reached = {node: _reachable(node, needs) for node in range(COUNT)}
    circles = {frozenset({node, *(other for other in reached[node] if node in reached[other])}) for node in reached}
    assert {frozenset(unit) for unit in units} == circles
    assert sorted(node for unit in units for node in unit) == list(range(COUNT))
    place = {node: number for number, unit in enumerate(units) for node in unit}
    assert all(place[needed] <= place[node] for node in needs for needed in needs[node])


@settings(max_examples=100, deadline=None)
@given(GRAPHS)
def test_operation_without_later_needs_is_never_moved_behind_a_later_one(needs: dict[int, set[int]]) -> None:
    backward = {node: {needed for needed in needs[node] if needed < node} for node in needs}
    assert plan_units(COUNT, backward) == [[node] for node in range(COUNT)]


@pytest.mark.parametrize(
    ("needs", "units"),
    [
        ({}, [[0], [1], [2], [3]]),
        ({0: {2}}, [[1], [2], [0], [3]]),
        ({0: {2}, 1: {0}}, [[2], [0], [1], [3]]),
        ({0: {3}, 3: {1}, 1: {0}}, [[2], [0, 1, 3]]),
        ({2: {2}}, [[0], [1], [2], [3]]),
    ],
)
def test_what_waits_follows_at_once_what_it_waited_for(needs: dict[int, set[int]], units: list[list[int]]) -> None:
    assert plan_units(4, needs) == units


def test_long_chain_needs_no_deep_stack() -> None:
    needs = {node: {node + 1} for node in range(4_999)}
    assert plan_units(5_000, needs) == [[node] for node in reversed(range(5_000))]
