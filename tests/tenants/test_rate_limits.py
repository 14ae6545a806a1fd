"""Rate limits: a burst, then a steady rate, from one budget that processes share and tenants do not."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import uuid_utils.compat
from django.db import IntegrityError, connections

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_scope
from tenants.models import Tenant
from tenants.plans import RATES, Plan, PlanRates, Rate
from tenants.services import rate_limits
from tenants.services.authentication import Grant, authenticate_token, forget_grants
from tenants.services.rate_limits import RateLimitedError, forget_shares, take_request
from tenants.services.tenants import change_plan
from tests.labsninja.processes import ROOT, environment
from tests.tenants.conftest import Issue

FREE = Rate(50, 100)
# Floods one tenant's budget, once told until when, and prints how many requests passed.
FLOOD = """
import sys, time, uuid, django
django.setup()
from types import SimpleNamespace
from tenants.services.rate_limits import RateLimitedError, take_request
grant = SimpleNamespace(tenant_id=uuid.UUID(sys.argv[1]), budget_id=uuid.UUID(sys.argv[2]), plan="free")
print("ready", flush=True)
passed, until = 0, float(sys.stdin.readline())
while time.time() < until:
    try:
        take_request(grant=grant)
        passed += 1
    except RateLimitedError:
        time.sleep(0.002)
print(passed)
"""


@pytest.fixture(autouse=True)
def without_shares() -> Iterator[None]:
    """This process holds no share of another test."""
    forget_shares()
    yield
    forget_shares()


@pytest.fixture
def grant(tenant: UUID, issue: Issue) -> Grant:
    """The grant of a token of a tenant on the plan `free`."""
    return replace(_authenticate(issue().text), plan=Plan.FREE)


def _authenticate(text: str) -> Grant:
    return authenticate_token(text=text, address="192.0.2.1", now=datetime.now(UTC))


def _flood(grant: Grant, *, seconds: float = 0.0, most: int = 10_000) -> int:
    """How many requests pass: until one is refused, or within `seconds`."""
    passed, until = 0, time.monotonic() + seconds
    while passed < most:
        try:
            take_request(grant=grant)
            passed += 1
        except RateLimitedError:
            if time.monotonic() >= until:
                break
            time.sleep(0.002)
    return passed


def test_burst_passes_at_once_and_then_the_steady_rate(grant: Grant) -> None:
    start = time.monotonic()
    passed = _flood(grant, seconds=3)
    wanted = FREE.burst + FREE.per_second * (time.monotonic() - start)
    assert passed == pytest.approx(wanted, rel=0.1)


def test_two_processes_share_one_budget(grant: Grant) -> None:
    arguments = [sys.executable, "-c", FLOOD, str(grant.tenant_id), str(grant.token_id)]
    processes = [
        subprocess.Popen(
            arguments, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in processes if process.stdout] == ["ready\n"] * 2
    until = str(time.time() + 4)
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{until}\n")
        process.stdin.flush()
    passed = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert min(passed) > 0
    # The bucket is made by the first of them, full.
    assert FREE.burst + FREE.per_second <= sum(passed) <= 1.1 * (FREE.burst + FREE.per_second * 4)


@pytest.mark.capability("rate-limits")
def test_flood_of_one_tenant_leaves_the_budget_of_another(grant: Grant) -> None:
    _flood(grant)
    assert _flood(replace(grant, tenant_id=uuid4(), token_id=uuid4()), most=FREE.burst) == FREE.burst


def test_flood_of_one_token_leaves_the_tenant_what_its_plan_gives_beyond(
    grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = PlanRates(tenant=Rate(1, 60), token=Rate(1, 40))
    monkeypatch.setattr(rate_limits, "RATES", {Plan.FREE: rates})
    assert _flood(grant) == 40
    assert _flood(replace(grant, token_id=uuid4())) == 20


def test_refusal_tells_whole_seconds_to_wait(grant: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "RATES", {Plan.FREE: PlanRates(tenant=Rate(0.2, 3))})
    _flood(grant)
    with pytest.raises(RateLimitedError) as refusal:
        take_request(grant=grant)
    assert refusal.value.retry_after == 5


def test_wait_is_never_told_as_zero(grant: Grant) -> None:
    _flood(grant)
    with pytest.raises(RateLimitedError) as refusal:
        take_request(grant=grant)
    assert refusal.value.retry_after == 1


def test_what_was_not_spent_is_brought_back_and_no_burst_exceeds_the_plan(
    grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "RATES", {Plan.FREE: PlanRates(tenant=Rate(0.001, 100))})
    monkeypatch.setattr(rate_limits, "SHARE_SECONDS", 0.0)
    for _ in range(30):  # a share of ten each time, were they not brought back
        take_request(grant=grant)
    monkeypatch.setattr(rate_limits, "SHARE_SECONDS", 60.0)
    assert _flood(grant) == 70


def test_share_is_spent_without_a_statement(grant: Grant) -> None:
    take_request(grant=grant)
    asked: list[str] = []

    def note(execute: object, sql: str, *rest: object) -> None:
        asked.append(sql)

    with connections["default"].execute_wrapper(note):
        for _ in range(rate_limits.SHARE - 1):
            take_request(grant=grant)
    assert asked == []


def test_plan_without_limits_asks_nothing(grant: Grant) -> None:
    unlimited = replace(grant, plan=Plan.UNLIMITED)
    start = time.perf_counter()
    assert _flood(unlimited, most=10_000) == 10_000
    assert time.perf_counter() - start < 1
    with tenant_scope() as scope:
        found = scope.execute("SELECT count(*) FROM tenants_rate_bucket WHERE tenant_id = %s", [grant.tenant_id])
        assert found.fetchone() == (0,)


def test_change_of_plan_is_effective_within_five_seconds(tenant: UUID, issue: Issue) -> None:
    forget_grants()
    text, origin = issue().text, system_origin("test")
    assert _flood(_authenticate(text), most=500) == 500
    slug = Tenant.objects.get(id=tenant).slug
    with cross_tenant(reason="a plan for a test", actor=origin):
        change_plan(slug=slug, plan=Plan.FREE, origin=origin)
    changed_at = time.monotonic()
    while _flood(_authenticate(text), most=500) == 500:
        assert time.monotonic() - changed_at < 5
        time.sleep(0.05)


def test_request_passes_with_a_warning_when_the_database_is_away(
    grant: Grant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "TAKE", "SELECT 1 / 0 WHERE %(tenant)s::uuid IS NOT NULL")
    monkeypatch.setattr(rate_limits, "SHARE_SECONDS", 60.0)
    assert _flood(grant, most=rate_limits.SHARE) == rate_limits.SHARE
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]  # one a bucket, not one a request


def test_bucket_is_never_overdrawn(tenant: UUID) -> None:
    row = "INSERT INTO tenants_rate_bucket VALUES (%s, 'tenant', -1, 0, now())"
    with pytest.raises(IntegrityError, match="tenants_rate_bucket_not_overdrawn"), tenant_scope() as scope:
        scope.execute(row, [tenant])


def test_plan_free_gives_what_is_published() -> None:
    assert RATES[Plan.FREE] == PlanRates(tenant=FREE, token=FREE, access_tokens=Rate(0.2, 20))


@pytest.mark.parametrize("plan", Plan)
def test_plan_has_rates(plan: Plan) -> None:
    assert plan in RATES


def test_memory_of_shares_is_bounded(grant: Grant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST_BUCKETS", 4)
    for _ in range(5):
        take_request(grant=replace(grant, token_id=uuid_utils.compat.uuid7()))
    assert len(rate_limits._shares) <= 4
