"""Pages of resources: which of them, in what order, how many in all."""

from collections.abc import Callable
from uuid import UUID

import pytest

from labsninja.kernel.isolation import cross_tenant, tenant_context
from scim.protocol import urns
from scim.protocol.pagination import FIRST_PAGE, PageRequest
from scim.protocol.schemas import USER
from scim.protocol.sorting import Sort
from scim.store.counters import count_created
from scim.store.pipeline import pipelined_scope
from scim.store.search import Found, Search, search_page
from tests.protocol.shapes import parse
from tests.store.directories import store_resource
from tests.store.groups import LOCATIONS, bury
from tests.store.test_round_trips import _round_trips

PEOPLE = [UUID(int=number) for number in range(1, 8)]
TITLE = next(path for path in USER.paths if path.text == "title")
LONG = "m" * 5000


def _fill() -> None:
    """Seven people, user1 to user7; the odd ones are workers."""
    with pipelined_scope():
        for number, person in enumerate(PEOPLE, start=1):
            title = "Worker" if number % 2 else None
            body = {"userName": f"user{number}", "displayName": "Same", "title": title}
            store_resource(USER, {**body, "emails": [{"value": f"u{number}@lab.test"}]}, person)
        count_created(resource_type="User", number=7)


def _find(text: str | None, page: PageRequest = FIRST_PAGE, sort: Sort | None = None) -> Found:
    condition = parse(text, resource_type=USER) if text else None
    with pipelined_scope():
        answer = search_page(resource_types=[USER], search=Search(condition, sort, page), locations=LOCATIONS)
    return answer.read()


def _numbers(found: Found) -> list[int]:
    return [resource.id.int for resource in found.resources]


@pytest.mark.parametrize("text", [None, 'displayName eq "same"', 'userName sw "user"', 'emails co "@lab"'])
def test_pages_follow_each_other_with_one_total(tenant: UUID, text: str | None) -> None:
    _fill()
    pages = [_find(text, PageRequest(start, 3)) for start in (1, 4, 7)]
    assert [_numbers(page) for page in pages] == [[1, 2, 3], [4, 5, 6], [7]]
    assert {page.total for page in pages} == {7}


@pytest.mark.parametrize("text", [None, 'displayName eq "same"', "title pr or userName pr"])
@pytest.mark.parametrize("page", [PageRequest(1, 0), PageRequest(100, 10), PageRequest(2**63 - 1, 1000)])
def test_page_without_resources_has_the_total(tenant: UUID, text: str | None, page: PageRequest) -> None:
    _fill()
    assert _find(text, page) == Found([], 7)


@pytest.mark.parametrize("text", ['userName eq "nobody"', 'title eq "nobody"', 'id eq "1"', 'emails eq "nobody"'])
def test_nothing_found_is_an_empty_page(tenant: UUID, text: str) -> None:
    _fill()
    assert _find(text) == Found([], 0)


def test_total_of_a_filter_is_exact_where_the_page_is_not_all(tenant: UUID) -> None:
    _fill()
    found = _find("title pr", PageRequest(2, 2))
    assert (_numbers(found), found.total) == ([3, 5], 4)


def test_deleted_resource_is_not_found(tenant: UUID) -> None:
    _fill()
    with pipelined_scope():
        bury(PEOPLE[0])
    for text in ('userName eq "user1"', f'id eq "{PEOPLE[0]}"', 'emails eq "u1@lab.test"'):
        assert _find(text).total == 0


def test_sorted_page_has_those_without_a_value_last_and_first_when_descending(tenant: UUID) -> None:
    _fill()
    assert _numbers(_find(None, sort=Sort(TITLE))) == [1, 3, 5, 7, 2, 4, 6]
    assert _numbers(_find(None, sort=Sort(TITLE, descending=True))) == [2, 4, 6, 1, 3, 5, 7]
    assert _numbers(_find('emails co "lab"', PageRequest(4, 2), Sort(TITLE))) == [7, 2]


def test_value_longer_than_its_index_row_is_found_by_any_part(tenant: UUID) -> None:
    body = {"userName": "ada", urns.ENTERPRISE_USER: {"manager": {"value": f"{LONG}end"}}}
    with pipelined_scope():
        store_resource(USER, body, PEOPLE[0])
    found = [
        _find(f"manager.value {comparison}").total
        for comparison in (f'eq "{LONG}end"', 'co "end"', 'ew "end"', f'sw "{LONG}e"', f'eq "{LONG}"', f'sw "{LONG}x"')
    ]
    assert found == [1, 1, 1, 1, 0, 0]


def test_value_in_quotes_of_sql_finds_nothing_and_harms_nothing(tenant: UUID) -> None:
    _fill()
    for text in ("x' OR '1'='1", "%(tenant)s", "{condition}", "'; DROP TABLE scim_resource; --", "$1", "%s", "%%"):
        for path in ("userName", "title", "emails", "id", "meta.location", "groups.value"):
            assert _find(f'{path} eq "{text}"').total == 0
    assert _find("userName pr").total == 7


def test_resources_of_another_tenant_are_not_found_even_on_the_platform_role(make_tenant: Callable[[], UUID]) -> None:
    with tenant_context(make_tenant()):
        _fill()
    with cross_tenant(reason="a test of the filter alone"), tenant_context(make_tenant()):
        texts = [
            None,
            "userName pr",
            'userName eq "user1"',
            'emails eq "u1@lab.test"',
            'emails[value eq "u1@lab.test"]',
        ]
        assert [_find(text) for text in (*texts, f'id eq "{PEOPLE[0]}"', "title pr")] == [Found([], 0)] * 7


@pytest.mark.parametrize("text", [None, 'userName eq "user1"', "title pr"])
def test_page_and_total_take_one_round_trip(tenant: UUID, text: str | None) -> None:
    _fill()
    _find(text)
    with _round_trips(1):
        found = _find(text)
    assert len(found.resources) <= found.total
