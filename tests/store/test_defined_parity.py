"""By definitions that a tenant has made, too, SQL finds and sorts what the pure evaluator does."""

from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim.protocol.filter.nodes import Node
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.sorting import sort_documents
from scim.store.index import indexed_paths
from tests.protocol.test_filter_properties import combine
from tests.store.definitions import CORE, EXTENSION, define_drawn
from tests.store.directories import make_resources
from tests.store.terms import draw_terms
from tests.store.test_filter_sql_parity import CHECKS, _batches, _match, _search, _sort, _sorts

NAMES = ("User", "Device")


def _drawn(seed: int, name: str) -> tuple[ResourceType, list[dict[str, Any]]]:
    (resource_type,) = [one for one in define_drawn(seed) if one.name == name]
    return resource_type, make_resources(seed, resource_type)


def _own_terms(seed: int, resource_type: ResourceType, shown: list[dict[str, Any]], *, each: int) -> list[Node]:
    """Terms on what is defined, and on nothing that is built in."""
    own = tuple(path for path in resource_type.paths if (path.schema or resource_type.schema.id) in {CORE, EXTENSION})
    narrowed = replace(resource_type)
    narrowed.__dict__["paths"] = own
    return draw_terms(Random(seed), narrowed, shown, each=each)


def _building(resource_type: ResourceType) -> ResourceType:
    """The same while no index of its is there yet."""
    return replace(resource_type, unindexed=frozenset(path.text for path in indexed_paths(resource_type)))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", NAMES)
def test_every_operator_on_every_defined_attribute_finds_what_it_matches(tenant: UUID, name: str, seed: int) -> None:
    resource_type, shown = _drawn(seed, name)
    assert indexed_paths(resource_type)
    for some in _batches(_own_terms(seed, resource_type, shown, each=2)):
        wanted = [_match(node, shown) for node in some]
        assert _search(resource_type, some) == wanted, some
        assert _search(_building(resource_type), some) == wanted, some


@pytest.mark.capability("custom-schemas")
@pytest.mark.parametrize("name", NAMES)
def test_every_defined_attribute_sorts_as_it_does_without(tenant: UUID, name: str) -> None:
    resource_type, shown = _drawn(7, name)
    for some in _batches([sort for sort in _sorts(resource_type) if sort.path.schema or name == "Device"]):
        wanted = [[document["id"] for document in sort_documents(shown, sort)] for sort in some]
        assert _sort(resource_type, some) == wanted, some


@pytest.mark.parametrize("name", NAMES)
def test_filter_of_defined_attributes_finds_what_it_matches(tenant: UUID, name: str) -> None:
    _compare_trees(name, 11, 80)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 220))
@pytest.mark.parametrize("name", NAMES)
def test_many_definitions_filters_and_directories_agree(tenant: UUID, name: str, seed: int) -> None:
    """40 definitions with a directory each, 400 filters on each of them, and every operator on every attribute."""
    resource_type, shown = _compare_trees(name, seed, 400)
    for some in _batches(_own_terms(seed, resource_type, shown, each=3)):
        wanted = [_match(node, shown) for node in some]
        assert _search(resource_type, some) == wanted, some
        assert _search(_building(resource_type), some) == wanted, some


def _compare_trees(name: str, seed: int, number: int) -> tuple[ResourceType, list[dict[str, Any]]]:
    resource_type, shown = _drawn(seed, name)
    terms = _own_terms(seed, resource_type, shown, each=2)
    telling = [term for term in terms if 0 < len(_match(term, shown)) < len(shown)]

    @settings(max_examples=number, deadline=None, suppress_health_check=CHECKS)
    @given(combine(st.integers(0, len(telling) - 1).map(lambda drawn: telling[drawn]), 5))
    def compare(node: Node) -> None:
        wanted = [_match(node, shown)]
        assert _search(resource_type, [node]) == wanted
        assert _search(_building(resource_type), [node]) == wanted

    compare()
    return resource_type, shown
