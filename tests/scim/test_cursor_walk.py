"""A walk through a large directory while others write into it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event, Thread
from uuid import UUID

import pytest
import uuid_utils.compat
from django.db import connections

from labsninja.kernel.isolation import tenant_context
from scim.protocol.dialects.base import Reading
from scim.protocol.list_query import read_list_query
from scim.protocol.schemas import USER
from scim.queries import Asker, Aspects, search_resources
from scim.store.counters import count_created
from scim.store.pipeline import pipelined_scope
from scim.store.resources import mark_deleted
from tests.store.groups import LOCATIONS

SIZE, CHANGES, NOW = 20_000, 50, datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = """
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, document, version, created_at, modified_at)
SELECT %s, id, 'User', id::text, '{}', 1, %s, %s FROM unnest(%s::uuid[]) AS p(id)
"""


def _insert(ids: Sequence[UUID]) -> None:
    with pipelined_scope() as scope:
        scope.execute(PEOPLE, [scope.tenant_id, NOW, NOW, list(ids)])
        count_created(resource_type="User", number=len(ids))


def _delete(resource_id: UUID) -> None:
    with pipelined_scope():
        mark_deleted(resource_id=resource_id, at=NOW)


def _page(asked: dict[str, str]) -> tuple[list[UUID], str | None]:
    query = read_list_query(asked, namespace=USER.namespace, reading=Reading())
    asker = Asker("client", "/Users", NOW)
    page = search_resources(resource_types=[USER], query=query, aspects=Aspects(LOCATIONS), asker=asker)
    return [found.id for found in page.resources], page.neighbors.next


def _run(tenant: UUID, act: Callable[[UUID], None], ids: Sequence[UUID], begun: Event) -> Thread:
    """A thread that does it to each, from the moment that the walk has begun."""

    def work() -> None:
        begun.wait()
        with tenant_context(tenant):
            for one in ids:
                act(one)
        connections.close_all()

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.rfc("9865#2")
@pytest.mark.parametrize("sort", [{}, {"sortBy": "userName", "sortOrder": "descending"}])
def test_walk_shows_everybody_once_who_lived_through_it(tenant: UUID, sort: dict[str, str]) -> None:
    people = [uuid_utils.compat.uuid7() for _ in range(SIZE)]
    _insert(people)
    doomed, coming, begun = people[:: SIZE // CHANGES], [uuid_utils.compat.uuid4() for _ in range(CHANGES)], Event()
    threads = [
        _run(tenant, _delete, doomed, begun),
        _run(tenant, lambda one: _insert([one]), coming, begun),
    ]
    shown: Counter[UUID] = Counter()
    cursor: str | None = ""
    while cursor is not None:
        found, cursor = _page({**sort, "count": "1000", "cursor": cursor})
        shown.update(found)
        begun.set()
    for thread in threads:
        thread.join()
    assert set(people) - set(doomed) <= set(shown)
    assert set(shown) <= {*people, *coming}
    assert set(shown.values()) == {1}
    last, _next = _page({"filter": f'id eq "{doomed[0]}" or id eq "{coming[0]}"'})
    assert last == [coming[0]]
