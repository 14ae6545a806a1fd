"""Whether this process lives, and whether it can serve. Redis is a degradation: SCIM goes on without it."""

import logging
import time
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from audit.queries import LATE_SECONDS, measure_seal_lag

# For how long the first event waits that a stream of any tenant should have sent, and how many streams gave up. A
# receiver that is away is its tenant's affair: it is told here and makes no deployment degraded.
STREAMS = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - oldest_at), 0)::float, stopped FROM audit_streaming
"""
_started = time.monotonic()
logger = logging.getLogger(__name__)


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all."""
    return JsonResponse({"status": "alive", "uptime_seconds": round(time.monotonic() - _started)})


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when database and migrations are right, 503 otherwise; Redis and sealing are told and do not decide."""
    told = collect_health()
    return JsonResponse(told, status=503 if told["status"] == "not ready" else 200)


def collect_health() -> dict[str, Any]:
    """`status`, `checks` by name, `seal_lag_seconds`: for how long at most an event has been waiting for its proof; the
    same of streams as `stream_lag_seconds`, and how many have stopped. None when nobody can tell.
    """
    checks = {"database": _check_database(), "redis": _check_redis()}
    ready = checks["database"] == "ok"
    lag = _ask_seal_lag() if ready else None
    checks["sealing"] = "unknown" if lag is None else "ok" if lag < LATE_SECONDS else "late"
    state = "not ready" if not ready else "ready" if set(checks.values()) == {"ok"} else "degraded"
    stream_lag, stopped = _ask_streams() if ready else (None, None)
    streams = {"stream_lag_seconds": stream_lag, "streams_stopped": stopped}
    return {"status": state, "checks": checks, "seal_lag_seconds": lag, **streams}


def _ask_streams() -> tuple[float | None, int | None]:
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute(STREAMS)
            lag, stopped = cursor.fetchone()
    except DatabaseError:
        connection.close()
        return None, None
    return round(max(lag, 0.0), 1), stopped


def _ask_seal_lag() -> float | None:
    try:
        lag = measure_seal_lag()
    except DatabaseError:
        connections["default"].close()
        return None
    if lag >= LATE_SECONDS:
        logger.error("audit events have not been sealed for %s seconds: does the ledger run?", lag)
    return lag


def _check_database() -> str:
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except DatabaseError:
        connection.close()
        return "unreachable"
    pending = set(MigrationLoader(None).disk_migrations) - applied
    return f"{len(pending)} migrations pending" if pending else "ok"


def _check_redis() -> str:
    try:
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, ValueError):
        return "unreachable"
    return "ok"
