"""The status page tells the health of this deployment as /readyz does, and nothing that was not measured."""

import pytest
from django.db import connections
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal.public.views.status import status


@pytest.fixture(name="sealed")
def _sealed(database: None) -> None:
    with connections["platform"].cursor() as cursor:
        cursor.execute("UPDATE audit_sealing SET beat_at = clock_timestamp(), oldest_at = NULL")


def test_everything_works_when_every_check_says_so(client: Client, sealed: None) -> None:
    answer = client.get("/status")
    assert answer.status_code == 200
    assert "Everything works." in answer.content.decode()
    assert "max-age=10" in answer["Cache-Control"]
    assert not answer.cookies


def test_missing_redis_is_told_beside_what_still_works(client: Client, sealed: None, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    page = client.get("/status").content.decode()
    assert "SCIM requests are served. Something beside them does not work." in page
    assert "unreachable" in page


def test_page_is_shown_when_the_database_cannot_be_reached() -> None:
    checks = {"database": "unreachable", "redis": "ok", "sealing": "unknown"}
    health = {"status": "not ready", "checks": checks, "seal_lag_seconds": None}
    answer = status(RequestFactory().get("/status"), collect_health=lambda: health)
    assert answer.status_code == 200
    assert "SCIM requests cannot be served at the moment." in answer.content.decode()
