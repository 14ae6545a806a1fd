"""Whether the process lives, and whether it can serve."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django import Settings


def _ask(path: str) -> tuple[int, dict[str, Any]]:
    answer = Client().get(path)
    return answer.status_code, json.loads(answer.content)


@pytest.fixture
def pending(database: None) -> Iterator[None]:
    """A migration that the code has and the database lacks."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = 'x' || name WHERE app = 'audit' AND name = '0001_event'")
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = '0001_event' WHERE name = 'x0001_event'")


def test_process_lives_without_asking_the_database() -> None:
    """Without the database fixture a statement would fail."""
    status, body = _ask("/livez")
    assert (status, body["status"]) == (200, "alive")
    assert body["uptime_seconds"] >= 0


@pytest.fixture(name="sealed")
def _sealed(database: None) -> None:
    _beat("clock_timestamp()", "NULL")


def _beat(beat_at: str, oldest_at: str) -> None:
    with connections["platform"].cursor() as cursor:
        cursor.execute(f"UPDATE audit_sealing SET beat_at = {beat_at}, oldest_at = {oldest_at}")


def test_process_is_ready_with_database_migrations_redis_and_sealing(sealed: None) -> None:
    status, body = _ask("/readyz")
    assert (status, body["status"]) == (200, "ready")
    assert body["checks"] == {"database": "ok", "redis": "ok", "sealing": "ok"}
    assert 0 <= body["seal_lag_seconds"] < 30


def test_lag_of_streams_is_told_and_does_not_decide(sealed: None) -> None:
    for told, lag, stopped in (("NULL", 0, 0), ("now() - interval '1 hour'", 3600, 2)):
        with connections["platform"].cursor() as cursor:
            cursor.execute(f"UPDATE audit_streaming SET oldest_at = {told}, stopped = {stopped}")
        status, body = _ask("/readyz")
        assert (status, body["status"], body["streams_stopped"]) == (200, "ready", stopped)
        assert lag <= body["stream_lag_seconds"] < lag + 5


@pytest.mark.parametrize(
    ("beat_at", "oldest_at"),
    [("now() - interval '31 s'", "NULL"), ("clock_timestamp()", "now() - interval '31 s'")],
)
def test_process_whose_events_are_not_sealed_is_degraded_and_serves(
    database: None, caplog: pytest.LogCaptureFixture, beat_at: str, oldest_at: str
) -> None:
    _beat(beat_at, oldest_at)
    status, body = _ask("/readyz")
    assert (status, body["status"], body["checks"]["sealing"]) == (200, "degraded", "late")
    assert body["seal_lag_seconds"] > 30
    assert "have not been sealed" in caplog.text


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", ""])
def test_process_without_redis_is_degraded_and_serves(database: None, settings: Settings, url: str) -> None:
    settings.CELERY_BROKER_URL = url
    status, body = _ask("/readyz")
    assert (status, body["status"], body["checks"]["redis"]) == (200, "degraded", "unreachable")


def test_process_with_pending_migrations_is_not_ready(pending: None) -> None:
    status, body = _ask("/readyz")
    assert (status, body["status"]) == (503, "not ready")
    assert body["checks"]["database"] == "1 migrations pending"
