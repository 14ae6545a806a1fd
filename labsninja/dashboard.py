"""The admin's first page: how the deployment is at this moment, from bounded queries across all tenants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connections
from kombu.exceptions import OperationalError

from audit.actions import Action
from labsninja.celery import app
from labsninja.health import collect_health
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID
from labsninja.scheduling import ALIVE
from portal.shared.charts import Chart, Series, draw_chart

MINUTES: Final = 60
MOST_REQUESTS: Final = 20_000
EXPIRES_WITHIN: Final = timedelta(days=30)
QUEUE: Final = "celery"
PING_SECONDS: Final = 0.5
# One range of the log's primary key (tenant_id, at, id) a tenant: there is no index by time alone.
TRAFFIC: Final = """
WITH r AS MATERIALIZED (
    SELECT r.at, r.status, r.duration_us FROM tenants_tenant t CROSS JOIN LATERAL (
        SELECT at, status, duration_us FROM scim_request_log
        WHERE tenant_id = t.id AND at >= %(since)s ORDER BY at DESC LIMIT %(most)s
    ) r
)
SELECT date_trunc('minute', at), count(*) FILTER (WHERE status < 500), count(*) FILTER (WHERE status >= 500),
       (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_us) FROM r)
FROM r GROUP BY 1
"""
TENANTS: Final = "SELECT state, count(*) FROM tenants_tenant WHERE id <> %s GROUP BY state"
TOKENS: Final = "SELECT count(*) FROM tenants_ending_tokens(%s) WHERE ends_at > %s"
# A range of the primary key within the deployment's own log, where every sign-in stands.
REFUSED: Final = "SELECT count(*) FROM audit_event WHERE tenant_id = %s AND at >= %s AND action = %s"
# By the partial index of what is being built.
BUILDS: Final = "SELECT count(*), min(started_at) FROM scim_attribute_index WHERE state = 'building'"
LEDGER: Final = "SELECT owner FROM kernel_lease WHERE name = 'ledger' AND lease_until > clock_timestamp()"


@dataclass(frozen=True)
class Figure:
    """One number with what it is; `tone` is good, warn, bad or nothing, `note` says more."""

    name: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Dashboard:
    """What the page shows."""

    figures: Sequence[Figure]
    chart: Chart
    at: datetime


def collect_dashboard() -> Dashboard:
    """Ask everything once. Call it inside cross_tenant."""
    now = datetime.now(UTC)
    rows = _ask(TRAFFIC, {"since": now - timedelta(minutes=MINUTES), "most": MOST_REQUESTS})
    figures = [*_tell_of_tenants(now), *_tell_of_traffic(rows), *_tell_of_work(), *_tell_of_health()]
    return Dashboard(figures, _draw(rows, now), now)


def _ask(statement: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> list[Any]:
    with connections["platform"].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _tell_of_tenants(now: datetime) -> list[Figure]:
    states = dict(_ask(TENANTS, [DEPLOYMENT_TENANT_ID]))
    told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    expiring = _ask(TOKENS, [now + EXPIRES_WITHIN, now])[0][0]
    refused = _ask(REFUSED, [DEPLOYMENT_TENANT_ID, now - timedelta(days=1), Action.SIGN_IN_REFUSED])[0][0]
    return [
        Figure("Tenants", f"{sum(states.values()):,}", told),
        Figure("Tokens that end", f"{expiring:,}", "within 30 days", "warn" if expiring else "good"),
        Figure("Failed sign-ins", f"{refused:,}", "in 24 hours, all three realms"),
    ]


def _tell_of_traffic(rows: Sequence[Any]) -> list[Figure]:
    good, failed = sum(row[1] for row in rows), sum(row[2] for row in rows)
    total = good + failed
    share = failed / total if total else 0
    slowest = f"{rows[0][3] / 1000:.1f} ms" if rows else "none"
    return [
        Figure("Requests a minute", f"{total / MINUTES:.1f}", f"{total:,} in the last hour"),
        Figure("Error rate", f"{share:.2%}", "answers of 500 and above", "bad" if failed else "good"),
        Figure("95th percentile", slowest, "time a SCIM request took"),
    ]


def _tell_of_work() -> list[Figure]:
    builds, oldest = _ask(BUILDS)[0]
    depth, workers, scheduler = _ask_queue()
    ledger = _ask(LEDGER)
    return [
        Figure("Queue", "unknown" if depth is None else f"{depth:,}", "messages wait in Redis"),
        Figure("Workers", "unknown" if workers is None else str(workers), "answered", "good" if workers else "bad"),
        Figure("Scheduler", scheduler, "", {"alive": "good", "away": "bad"}.get(scheduler, "")),
        Figure("Index builds", f"{builds:,}", f"oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none waits"),
        Figure("Ledger", "on duty" if ledger else "away", ledger[0][0] if ledger else "", "good" if ledger else "bad"),
    ]


def _ask_queue() -> tuple[int | None, int | None, str]:
    """Length of the queue, how many workers answer, how the scheduler does; unknown where Redis does not answer."""
    try:
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            depth: Any = client.llen(QUEUE)
            scheduler = "alive" if client.exists(ALIVE) else "away"
        return int(depth), len(app.control.ping(timeout=PING_SECONDS) or ()), scheduler
    except (redis.RedisError, OperationalError, ValueError):
        return None, None, "unknown"


def _tell_of_health() -> list[Figure]:
    health = collect_health()
    tones = {"ok": "good", "late": "warn", "unknown": ""}
    lag = health["seal_lag_seconds"]
    checks = health["checks"]
    return [
        *(
            Figure(name, checks[key], "", tones.get(checks[key], "bad"))
            for key, name in (("database", "Database"), ("redis", "Redis"))
        ),
        Figure("Seal lag", "unknown" if lag is None else f"{lag:.1f} s", "of the audit history",
               tones.get(checks["sealing"], "bad")),
    ]  # fmt: skip


def _draw(rows: Sequence[Any], now: datetime) -> Chart:
    told = {row[0]: row for row in rows}
    first = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    minutes = [first + timedelta(minutes=number) for number in range(MINUTES)]
    answered = tuple(float(told[at][1]) if at in told else 0.0 for at in minutes)
    failed = tuple(float(told[at][2]) if at in told else 0.0 for at in minutes)
    return draw_chart(
        title="SCIM requests in the last hour",
        kind="bar",
        labels=[f"{at:%H:%M}" for at in minutes],
        series=[Series("answered", answered), Series("failed", failed, 2)],
    )
