"""The numbers of the admin's first page, from rows of all tenants."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import redis
import uuid_utils.compat
from django.conf import settings

from labsninja.celery import app
from labsninja.dashboard import Dashboard, collect_dashboard
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.scheduling import ALIVE, ALIVE_SECONDS, TURN_SECONDS, NotingScheduler
from scim.services.request_log import flush_requests
from scim.store.request_log import RequestRow, insert_requests
from tests.audit.histories import as_platform

TEXTS = (
    *("token_prefix", "request_id", "method", "path", "query", "scim_type", "outcome", "address", "user_agent"),
    *("resource_type", "resource_id", "subject", "request_body", "response_body", "detail"),
)


def log(tenant_id: UUID, *, status: int, ago: timedelta = timedelta(0), milliseconds: int = 1) -> None:
    """One request of a tenant."""
    at, made = datetime.now(UTC) - ago, uuid_utils.compat.uuid7()
    texts: dict[str, Any] = dict.fromkeys(TEXTS, "")
    row = RequestRow(
        id=made, at=at, scim_client_id=None, status=status, duration_us=milliseconds * 1000, warnings=(), **texts
    )
    with tenant_context(tenant_id), tenant_scope():
        insert_requests(rows=[row])


def collect() -> Dashboard:
    with as_platform(None):
        return collect_dashboard()


def read(name: str, dashboard: Dashboard) -> str:
    return next(f"{figure.value} {figure.note}" for figure in dashboard.figures if figure.name == name)


def _count(dashboard: Dashboard, first: int = 0) -> float:
    """What the chart shows, of all series from that one on."""
    return sum(value or 0 for row in dashboard.chart.series[first:] for value in row.values)


def test_traffic_of_the_last_hour_is_that_of_all_tenants(make_tenant: Any) -> None:
    one, two = make_tenant(), make_tenant()
    flush_requests(at_once=True)  # what the tests before sent may still be on its way
    before = _count(collect())
    log(one, status=200)
    log(two, status=503, milliseconds=90_000)
    log(two, status=404, ago=timedelta(minutes=30))
    log(one, status=200, ago=timedelta(hours=2))
    after = collect()
    assert _count(after) == before + 3
    assert _count(after, 1) >= 1
    assert not read("Error rate", after).startswith("0.00%")
    assert "in the last hour" in read("Requests a minute", after)
    assert float(read("95th percentile", after).split(" ms")[0]) > 1


def test_tenants_are_counted_by_state_without_the_deployments_own(make_tenant: Any) -> None:
    before = int(read("Tenants", collect()).split(" ")[0].replace(",", ""))
    make_tenant()
    told = read("Tenants", collect())
    assert int(told.split(" ")[0].replace(",", "")) == before + 1
    assert "active" in told


def test_scheduler_that_takes_its_turns_is_alive(database: None, tmp_path: Path) -> None:
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
        client.delete(ALIVE)
        assert read("Scheduler", collect()).startswith("away")
        scheduler = NotingScheduler(app=app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
        scheduler.setup_schedule()
        assert 0 <= scheduler.tick() <= TURN_SECONDS
        scheduler.close()
        assert read("Scheduler", collect()).startswith("alive")
        assert 0 < client.ttl(ALIVE) <= ALIVE_SECONDS
