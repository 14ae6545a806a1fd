"""What SQL finds is what the pure evaluator finds, whatever the filter and the directory."""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scim.protocol import bounds
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.nodes import Node
from scim.protocol.pagination import PageRequest
from scim.protocol.schemas import GROUP
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.sorting import Sort, sort_documents
from scim.store.pipeline import pipelined_scope
from scim.store.search import Search, search_page
from tests.protocol.shapes import BADGED_USER
from tests.protocol.test_filter_properties import combine
from tests.store.directories import make_directory
from tests.store.groups import LOCATIONS
from tests.store.terms import draw_terms

TYPES = {known.name: known for known in (BADGED_USER, GROUP)}
EVERYTHING = PageRequest(1, bounds.PAGE_MAX)
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("name", TYPES)
def test_every_operator_on_every_attribute_finds_in_sql_what_it_matches(tenant: UUID, name: str) -> None:
    shown = make_directory(1).shown(TYPES[name])
    terms = draw_terms(Random(1), TYPES[name], shown, each=3)
    for some in _batches(terms):
        assert _search(TYPES[name], some) == [_match(node, shown) for node in some], some


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", TYPES)
def test_filter_finds_in_sql_what_it_matches(tenant: UUID, name: str, seed: int) -> None:
    """1,500 pairs of a filter and a directory."""
    _compare_trees(TYPES[name], seed, 150)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
@pytest.mark.parametrize("name", TYPES)
def test_many_filters_find_in_sql_what_they_match(tenant: UUID, name: str, seed: int) -> None:
    """20,000 pairs."""
    _compare_trees(TYPES[name], seed, 500)


@pytest.mark.parametrize("name", TYPES)
def test_every_attribute_sorts_in_sql_as_it_does_without(tenant: UUID, name: str) -> None:
    shown = make_directory(2).shown(TYPES[name])
    sorts = _sorts(TYPES[name])
    for some in _batches(sorts):
        wanted = [[document["id"] for document in sort_documents(shown, sort)] for sort in some]
        assert _sort(TYPES[name], some) == wanted, some


def _compare_trees(resource_type: ResourceType, seed: int, number: int) -> None:
    shown = make_directory(seed).shown(resource_type)
    terms = draw_terms(Random(seed), resource_type, shown, each=2)
    # Terms that tell resources apart.
    telling = [term for term in terms if 0 < len(_match(term, shown)) < len(shown)]
    nodes = combine(st.integers(0, len(telling) - 1).map(lambda drawn: telling[drawn]), 5)

    @settings(max_examples=number, deadline=None, suppress_health_check=CHECKS)
    @given(nodes)
    def compare(node: Node) -> None:
        assert _search(resource_type, [node]) == [_match(node, shown)]

    compare()


def _match(node: Node, shown: list[dict[str, Any]]) -> list[str]:
    return sorted(document["id"] for document in shown if matches(node, document))


def _search(resource_type: ResourceType, nodes: list[Node]) -> list[list[str]]:
    """The ids each filter finds, all filters in one round trip."""
    with pipelined_scope():
        answers = [
            search_page(resource_types=[resource_type], search=Search(node, None, EVERYTHING), locations=LOCATIONS)
            for node in nodes
        ]
    found = [answer.read() for answer in answers]
    assert [page.total for page in found] == [len(page.resources) for page in found]
    return [[str(resource.id) for resource in page.resources] for page in found]


def _sort(resource_type: ResourceType, sorts: list[Sort]) -> list[list[str]]:
    with pipelined_scope():
        answers = [
            search_page(resource_types=[resource_type], search=Search(None, sort, EVERYTHING), locations=LOCATIONS)
            for sort in sorts
        ]
    return [[str(resource.id) for resource in answer.read().resources] for answer in answers]


def _sorts(resource_type: ResourceType) -> list[Sort]:
    simple = [path for path in resource_type.paths if not path.leaf.is_complex and not path.leaf.is_secret]
    return [Sort(path, descending) for path in simple for descending in (False, True)]


def _batches(items: list[Any], size: int = 20) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
