"""Searches of 50,000 events go through an index, as ln_app under row-level security, and read little of it."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from audit.reading.conditions import build_conditions, search_scope
from audit.reading.pages import compile_page, read_page
from audit.reading.summaries import COUNT, build_histogram, compile_found, count_events, list_facets
from audit.reading.syntax import parse_query
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tests.audit.telling import make_months, tell_many

COUNT_OF_EVENTS = 50_000
EXPLAIN = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS) "
# What is asked, and the condition that an index must be read by.
WANTED = [
    ("", r"_pkey.*\n +Index Cond: \(tenant_id"),
    ("from:2041-02-20 to:2041-02-21", r"_pkey.*\n +Index Cond: .*at >= .*at < "),
    ("action:tenants.token.issued", r"Index Cond: .*action = "),
    ("action:tenants.token.*", r"Index Cond: .*action = ANY"),
    ("action:scim.user.*", r"_pkey.*\n +Index Cond: \(tenant_id"),
    ('actor:"client 7"', r"Index Cond: .*actor_kind = .*actor_id = .*actor_label = "),
    ("actor:c7", r"Index Cond: .*actor_kind = .*actor_id = .*actor_label = "),
    ("outcome:denied", r"Index Cond: .*outcome = "),
    ("-outcome:denied", r"_pkey.*\n +Index Cond: \(tenant_id"),
    ("target:u77", r"Index Cond: .*target_id = "),
    ("target:ADA77@example.com", r"Index Cond: .*target_id = ANY"),
    ("type:Token", r"Index Cond: .*target_type = "),
    ("type:User", r"_pkey.*\n +Index Cond: \(tenant_id"),
    ("address:192.0.2.7", r"Index Cond: .*address\)?(::text)? = "),
    ("surface:command", r"Index Cond: .*surface = "),
    ("request:r777", r"Index Cond: .*request_id = "),
    ("token:lnj_ls_7", r"Index Cond: .*token_prefix = "),
    ("ada77@example.com", r"Index Cond: .*word = "),
    ("ada777*", r"Index Cond: .*word >= .*word < "),
    ("ada77@example.com u77", r"Index Cond: .*word = "),
    ("ada77@example.com outcome:denied", r"Index Cond: .*(word = |outcome = )"),
    ('actor:"client 7" action:scim.user.created', r"Index Cond: .*actor_id = "),
]
FOR_ONE = {"target:u77", "request:r777", "ada77@example.com"}
_seeded: list[UUID] = []


@pytest.fixture(name="crowd")
def _crowd(make_tenant: Callable[[], UUID]) -> UUID:
    """A tenant with 50,000 events over five weeks, made once, in months of its own: events of other tests would have
    their part in the statistics that plans are made from.
    """
    if not _seeded:
        _seeded.append(make_tenant())
        make_months("2041_02", "2041_03")
        tell_many(_seeded[0], count=COUNT_OF_EVENTS, until=datetime(2041, 3, 20, tzinfo=UTC))
    return _seeded[0]


def _explain(text: str, **page: Any) -> str:
    with search_scope() as scope:
        made = build_conditions(scope=scope, query=parse_query(text))
        statement, values = compile_page(made, limit=51, **({"position": None, "is_rising": False} | page))
        return "\n".join(row[0] for row in scope.execute(EXPLAIN + statement, values).fetchall())


def _blocks(plan: str) -> int:
    found = re.search(r"Buffers: shared hit=(\d+)(?: read=(\d+))?", plan)
    assert found, plan
    return int(found[1]) + int(found[2] or 0)


@pytest.mark.parametrize(("text", "wanted"), WANTED)
def test_search_reads_an_index_and_little_of_it(crowd: UUID, text: str, wanted: str) -> None:
    with tenant_context(crowd):
        plan = _explain(text)
    assert re.search(wanted, plan), plan
    assert "Seq Scan" not in plan, plan
    assert _blocks(plan) < 1_500, plan


@pytest.mark.parametrize(
    ("text", "wanted"), [row for row in WANTED if row[0].startswith(("target:u", "ada77@", "request"))]
)
def test_month_that_nobody_has_analyzed_is_searched_by_the_same_indexes(
    make_tenant: Callable[[], UUID], text: str, wanted: str
) -> None:
    """A month begins without statistics, and what is told in its first minutes is looked for in them."""
    tenant_id = make_tenant()
    make_months("2042_05")
    tell_many(tenant_id, count=5_000, until=datetime(2042, 5, 20, tzinfo=UTC), is_analyzed=False)
    with tenant_context(tenant_id):
        plan = _explain(text)
    assert re.search(wanted, plan), plan
    assert _blocks(plan) < 1_500, plan


def test_search_that_is_asked_again_and_again_is_planned_for_its_values(tenant: UUID) -> None:
    """A statement that is prepared once would keep a plan that knows no partial index."""
    with search_scope() as scope:
        assert scope.execute("SHOW plan_cache_mode", None).fetchone() == ("force_custom_plan",)
    with tenant_scope() as scope:
        assert scope.execute("SHOW plan_cache_mode", None).fetchone() == ("auto",)


def test_page_deep_in_the_history_costs_what_the_first_does(crowd: UUID) -> None:
    with tenant_context(crowd):
        first, deep = _explain(""), _explain("", position=(datetime(2041, 2, 20, tzinfo=UTC), UUID(int=0)))
    assert "Seq Scan" not in deep
    assert _blocks(deep) <= 2 * _blocks(first) + 50, deep


def test_count_of_everything_is_bounded_and_reads_the_index_alone(crowd: UUID) -> None:
    with tenant_context(crowd), search_scope() as scope:
        made = build_conditions(scope=scope, query=parse_query(""))
        statement = EXPLAIN + COUNT.format(found=compile_found(made, "1", 10_001))
        plan = "\n".join(row[0] for row in scope.execute(statement, made.values).fetchall())
    assert "Seq Scan" not in plan, plan


def test_every_search_answers_within_a_second(crowd: UUID) -> None:
    """A wide bound: what it finds is a plan that reads everything several times over."""
    with tenant_context(crowd):
        for text, _ in WANTED:
            query, begun = parse_query(text), time.monotonic()
            read_page(query=query)
            count_events(query=query)
            list_facets(query=query)
            build_histogram(query=query, bucket=datetime(2026, 1, 2) - datetime(2026, 1, 1))  # noqa: DTZ001  # a day
            assert time.monotonic() - begun < 1.0, text
