"""The store's statements name the tenant themselves: they keep apart even where row-level security does not bind."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from labsninja.kernel.isolation import cross_tenant, current_scope, tenant_context
from scim.protocol.dialects.base import Reading
from scim.protocol.filter.parser import parse_filter
from scim.protocol.schemas import GROUP, USER
from scim.store.counters import count_created, live_total
from scim.store.pipeline import pipelined_scope
from scim.store.resources import (
    StoredResource,
    get_resource,
    lock_resource,
    mark_deleted,
    revive_tombstone,
)
from scim.store.search import Search, search_page
from tests.store.people import count_live, insert_person, insert_person_of

LOCATIONS = {"User": "https://scim.example.com/scim/v2/Users/", "Group": "https://scim.example.com/scim/v2/Groups/"}


@pytest.fixture(name="foreign")
def _foreign(make_tenant: Callable[[], UUID]) -> StoredResource:
    """A person of another tenant."""
    return insert_person_of(make_tenant(), "eve")


@pytest.fixture(name="own")
def _own(foreign: StoredResource, make_tenant: Callable[[], UUID]) -> Iterator[StoredResource]:
    """A person of the tenant in whose scope the test runs, on the platform role."""
    tenant_id = make_tenant()
    own = insert_person_of(tenant_id, "ada")
    with cross_tenant(reason="a test of the filter alone"), tenant_context(tenant_id), pipelined_scope() as scope:
        assert scope.execute("SELECT id FROM scim_resource WHERE id = %s", [foreign.id]).fetchone() == (foreign.id,)
        yield own


def test_resource_of_another_tenant_is_not_got(own: StoredResource, foreign: StoredResource) -> None:
    assert get_resource(resource_type="User", resource_id=own.id).first() == own
    assert get_resource(resource_type="User", resource_id=foreign.id).first() is None


def test_resource_of_another_tenant_is_not_locked(own: StoredResource, foreign: StoredResource) -> None:
    assert lock_resource(resource_type="User", resource_id=own.id) == own
    assert lock_resource(resource_type="User", resource_id=foreign.id) is None


@pytest.mark.parametrize(
    ("text", "finds"),
    [('userName eq "ada"', 1), ('userName eq "eve"', 0), ('userName sw "e"', 0), ("userName pr", 1), (None, 1)],
)
def test_page_holds_no_resource_of_another_tenant(own: StoredResource, text: str | None, finds: int) -> None:
    reading = Reading()
    condition = parse_filter(text, namespace=USER.namespace, reading=reading) if text else None
    found = search_page(resource_types=[USER], search=Search(condition), locations=LOCATIONS).read()
    assert list(found.resources) == [own][:finds]


def test_count_counts_no_resource_of_another_tenant(own: StoredResource, foreign: StoredResource) -> None:
    assert count_live() == 1


def test_resource_of_another_tenant_is_not_deleted(own: StoredResource, foreign: StoredResource) -> None:
    mark_deleted(resource_id=foreign.id, at=datetime.now(UTC))
    marks = current_scope().execute("SELECT deleted_at FROM scim_resource WHERE id = %s", [foreign.id])
    assert marks.fetchall() == [(None,)]


def test_new_person_is_placed_into_the_tenant_of_the_scope(own: StoredResource) -> None:
    insert_person("bob")
    assert count_live() == 2


def test_total_counts_no_resource_of_another_tenant(make_tenant: Callable[[], UUID]) -> None:
    other, own = make_tenant(), make_tenant()
    for tenant_id in (other, own):
        with tenant_context(tenant_id), pipelined_scope():
            count_created(resource_type="User")
    with cross_tenant(reason="a test of the filter alone"), tenant_context(own), pipelined_scope():
        assert live_total(resource_type="User").read() == 1
        everything = search_page(resource_types=[USER, GROUP], search=Search(), locations=LOCATIONS).read()
        assert everything.total == 1


def test_tombstone_of_another_tenant_is_not_revived(make_tenant: Callable[[], UUID]) -> None:
    other, own = make_tenant(), make_tenant()
    for tenant_id, name in ((other, "eve"), (own, "ada")):
        person = insert_person_of(tenant_id, name)
        with tenant_context(tenant_id), pipelined_scope():
            mark_deleted(resource_id=person.id, at=datetime.now(UTC))
    with cross_tenant(reason="a test of the filter alone"), tenant_context(own), pipelined_scope():
        assert revive_tombstone(resource_type="User", user_name="eve") is None
        assert revive_tombstone(resource_type="User", user_name="ada") is not None
