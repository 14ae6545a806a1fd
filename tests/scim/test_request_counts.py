"""Counts of requests: what the log says and what is counted is the same, whoever wrote it and however."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.queries.client_health import list_client_health
from scim.queries.traffic import RANGES, read_traffic, tally, tell_causes
from scim.services.request_counts import KEPT, prune_counts
from scim.services.request_entries import RequestEntry
from scim.services.request_log import write_requests
from scim.store.request_counts import BOUNDS_MS, find_bucket, find_slot, tell_outcome
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tests.scim.logged import make_entry

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 11, 25, 12, 2, tzinfo=UTC)


@pytest.fixture
def okta(make_tenant: Callable[[], UUID]) -> ScimClient:
    with tenant_context(make_tenant()):
        return create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))


def _entry(client: ScimClient, *, ago: timedelta, **values: Any) -> RequestEntry:
    return make_entry(client, at=NOW - ago, **values)


def test_counts_say_what_the_log_says(okta: ScimClient) -> None:
    entries = [_entry(okta, ago=timedelta(minutes=3 * number), ms=number + 1) for number in range(40)]
    entries += [_entry(okta, ago=timedelta(minutes=9), status=409, scim_type="uniqueness") for _ in range(5)]
    entries += [_entry(okta, ago=timedelta(hours=30), status=500)]
    with tenant_context(okta.tenant_id):
        for start in range(0, len(entries), 7):  # as processes write them, a few at a time
            write_requests(entries=entries[start : start + 7])
        day, week = (read_traffic(chosen=RANGES[key], now=NOW) for key in ("24h", "7d"))
    whole = tally(day.rows)
    assert whole.outcomes == {"done": 40, "refused": 5}
    assert (whole.total, whole.errors, round(whole.error_rate, 1)) == (45, 5, 11.1)
    assert sum(each.total for each in day.by_bin()) == 45
    assert Counter(row.outcome for row in week.rows)["failed"] == 1
    [cause] = tell_causes(day.rows)
    assert (cause.status, cause.scim_type, cause.count, cause.last_at) == (409, "uniqueness", 5, entries[40].at)


@pytest.mark.parametrize("key", ["1h", "24h", "7d", "30d"])
def test_range_ends_with_now_and_is_cut_into_whole_bins(okta: ScimClient, key: str) -> None:
    chosen = RANGES[key]
    with tenant_context(okta.tenant_id):
        bins = read_traffic(chosen=chosen, now=NOW).bins
    assert bins[-1] <= NOW < bins[-1] + chosen.step
    assert bins[-1] + chosen.step - bins[0] == chosen.span


def test_percentile_is_true_within_a_bucket(okta: ScimClient) -> None:
    times = [3.0] * 90 + [180.0] * 10
    with tenant_context(okta.tenant_id):
        write_requests(entries=[_entry(okta, ago=timedelta(), ms=ms) for ms in times])
        whole = tally(read_traffic(chosen=RANGES["1h"], now=NOW).rows)
    assert whole.p50 is not None
    assert whole.p95 is not None
    assert 2 <= whole.p50 <= 3
    assert 150 <= whole.p95 <= 200


def test_client_of_another_tenant_counts_for_nobody(okta: ScimClient, make_tenant: Callable[[], UUID]) -> None:
    with tenant_context(make_tenant()):
        write_requests(entries=[_entry(okta, ago=timedelta())])
        assert read_traffic(chosen=RANGES["1h"], now=NOW).rows == []
    with tenant_context(okta.tenant_id):
        assert read_traffic(chosen=RANGES["1h"], now=NOW).rows == []


def test_old_counts_are_forgotten_and_young_ones_stay(okta: ScimClient) -> None:
    with tenant_context(okta.tenant_id):
        write_requests(entries=[_entry(okta, ago=ago) for ago in (KEPT + timedelta(days=1), timedelta(days=60))])
        assert (prune_counts(now=NOW), prune_counts(now=NOW)) == (1, 0)


def test_health_learns_the_rhythm_from_what_was_counted(okta: ScimClient) -> None:
    starts = [timedelta(minutes=12 + 40 * number) for number in range(20)]
    entries = [_entry(okta, ago=start - timedelta(seconds=second)) for start in starts for second in (0, 30, 60)]
    with tenant_context(okta.tenant_id):
        write_requests(entries=entries)
        [health] = list_client_health(now=NOW)
        [later] = list_client_health(now=NOW + timedelta(hours=3))
    assert health.state.name == "healthy"
    assert health.state.cause == "Okta sends about every 40 min; last batch 11 min ago, next expected in about 28 min."
    assert later.state.name == "silent"


def test_month_of_counts_is_one_range_of_the_key(okta: ScimClient) -> None:
    """Read by the key alone, so that its cost is that of the rows in the range."""
    plan = (
        "EXPLAIN SELECT scim_client_id, min(first_at), max(last_at) FROM scim_request_count"
        " WHERE tenant_id = %s AND slot >= %s GROUP BY scim_client_id, slot"
    )
    with tenant_context(okta.tenant_id), tenant_scope() as scope:
        scope.execute("SET LOCAL enable_seqscan = off", None)
        told = "\n".join(row[0] for row in scope.execute(plan, [okta.tenant_id, NOW]).fetchall())
    assert "scim_request_count_pkey" in told
    assert "Index Cond: ((tenant_id = " in told
    assert "slot >= " in told.partition("Index Cond")[2].partition("\n")[0]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "done") for status in (200, 204, 304)),
        *((status, "refused") for status in (400, 404, 409)),
        *((status, "denied") for status in (401, 403)),
        *((status, "failed") for status in (500, 503)),
        (429, "limited"),
    ],
)
def test_answer_has_one_outcome(status: int, outcome: str) -> None:
    assert tell_outcome(status=status) == outcome


def test_slot_begins_at_whole_five_minutes_and_bucket_holds_its_bound() -> None:
    assert find_slot(at=NOW) == NOW - timedelta(minutes=2)
    assert [find_bucket(duration_us=us) for us in (0, 1000, 1001, 10_000_001)] == [0, 0, 1, len(BOUNDS_MS)]
