"""Indexes of a tenant are its own, also where row-level security does not bind: on the platform role."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uuid_utils.compat

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context
from scim.protocol.schemas.tenant import IndexState
from scim.queries import find_present_schemas
from scim.services.index_builds import build_batch, retry_indexes
from scim.services.schemas import define_schemas
from scim.store.attribute_indexes import list_waiting_tenants
from scim.store.pipeline import pipelined_scope
from scim.store.unique import unique_values
from scim.store.unsettled import find_taken
from tests.scim.conftest import Provider
from tests.scim.defining import LAB, NUMBER, OFFICE, badge, create_badged, extend
from tests.scim.test_index_builds import UNIQUE, assert_exact, build, state_of

ORIGIN = system_origin("test")


@contextmanager
def _unbound(provider: Provider) -> Iterator[None]:
    """The tenant on the platform role, past row-level security."""
    with cross_tenant(reason="a test of the filter alone"), tenant_context(provider.tenant_id):
        yield


@pytest.fixture(name="neighbors")
def _neighbors(make_provider: Callable[[], Provider]) -> tuple[Provider, Provider]:
    """Two tenants that wait for the same index; the second has values of its own and one twice."""
    providers = make_provider(), make_provider()
    for provider, names in zip(providers, (("ada", "bob"), ("eve", "fay", "EVE")), strict=True):
        extend(provider)
        for number, name in enumerate(names):
            create_badged(provider, f"user{number}", office=name)
        extend(provider, NUMBER, UNIQUE)
    return providers


def test_build_looks_at_its_own_tenant_and_moves_no_other(neighbors: tuple[Provider, Provider]) -> None:
    own, other = neighbors
    with _unbound(own):
        for _batch in range(4):  # more than it has
            build_batch(origin=ORIGIN, limit=1)
    assert (state_of(own).state, state_of(own).seen) == (IndexState.READY, 2)
    assert (state_of(other).state, state_of(other).seen) == (IndexState.BUILDING, 0)
    assert_exact(own)
    waiting = list_waiting_tenants()
    assert (own.tenant_id in waiting, other.tenant_id in waiting) == (False, True)


def test_value_of_another_tenant_is_not_taken(neighbors: tuple[Provider, Provider]) -> None:
    own, _other = neighbors
    with _unbound(own):
        user = find_present_schemas().resource_type("User")
        assert user is not None
        with pipelined_scope():
            for office, is_taken in (("ADA", True), ("eve", False)):
                values = unique_values(user, {LAB: {"office": office}}).values()
                found = find_taken(resource_type=user, resource_id=uuid_utils.compat.uuid7(), values=values)
                assert (found is not None) == is_taken


def test_index_that_goes_or_starts_anew_leaves_that_of_another_tenant(neighbors: tuple[Provider, Provider]) -> None:
    own, other = neighbors
    build(own)
    build(other)
    assert state_of(other).state is IndexState.FAILED
    with _unbound(own):
        assert retry_indexes(origin=ORIGIN) == 0
        define_schemas(definitions=[badge(NUMBER, OFFICE)], origin=ORIGIN, extends=["User"])
    assert (state_of(other).state, state_of(other).obstacles) == (IndexState.FAILED, 1)
    with _unbound(other):
        assert retry_indexes(origin=ORIGIN) == 1
