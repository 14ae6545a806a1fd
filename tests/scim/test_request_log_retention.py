"""Retention takes whole weeks of the request log that are over, tells of it, and waits for what is still to be told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connections

from audit.actors import system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context
from scim.services.reads import record_reads
from scim.services.request_log import flush_requests, note_request
from scim.services.request_log_retention import drop_expired_weeks
from scim.store.request_log_weeks import list_expired_weeks
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tests.scim.recorded import entry

WEEK = "scim_request_log_2001_03_05"
THEN = datetime(2001, 3, 7, 12, tzinfo=UTC)
ORIGIN = system_origin("test")


@pytest.fixture(autouse=True)
def _old_week(database: None) -> Iterator[None]:
    """A partition of long ago."""
    _as_owner(
        f"CREATE TABLE {WEEK} (LIKE scim_request_log INCLUDING ALL)",
        f"ALTER TABLE scim_request_log ATTACH PARTITION {WEEK} FOR VALUES FROM ('2001-03-05Z') TO ('2001-03-12Z')",
        f"GRANT SELECT ON {WEEK} TO ln_platform",
    )
    yield
    _as_owner(f"DROP TABLE IF EXISTS {WEEK}")


def _as_owner(*statements: str) -> None:
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _exists() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [WEEK])
        return bool(cursor.fetchone()[0])


def _read_then(tenant_id: UUID) -> None:
    client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=ORIGIN)
    note_request(entry=entry(tenant_id, at=THEN, scim_client_id=client.id, method="GET"))
    flush_requests()


def _record(tenant_id: UUID) -> int:
    return record_reads(tenant_id=tenant_id, until=THEN + timedelta(minutes=1), origin=ORIGIN)


def _drop_expired() -> int:
    with tenant_context(None):
        return drop_expired_weeks(days=90, origin=system_origin("ledger"))


def test_week_that_is_over_for_long_is_dropped_and_told_of(tenant: UUID) -> None:
    _read_then(tenant)
    assert _record(tenant) == 1
    assert _drop_expired() == 1
    assert not _exists()
    with tenant_context(None), cross_tenant(reason="a test"), tenant_context(DEPLOYMENT_TENANT_ID):
        told = [event for event in list_events(newest=50) if event.action == "scim.request_log.dropped"]
    assert (told[-1].target_id, '"requests":1' in told[-1].canonical) == (WEEK, True)


def test_week_stays_until_its_reads_stand_in_the_audit_history(tenant: UUID) -> None:
    _read_then(tenant)
    assert _drop_expired() == 0
    assert _exists()
    _record(tenant)
    assert _drop_expired() == 1


def test_retention_of_no_days_keeps_everything(database: None) -> None:
    assert drop_expired_weeks(days=0, origin=ORIGIN) == 0
    assert _exists()


def test_week_is_expired_when_its_last_day_is(database: None) -> None:
    end = datetime(2001, 3, 12, tzinfo=UTC)
    assert WEEK in list_expired_weeks(before=end)
    assert WEEK not in list_expired_weeks(before=end - timedelta(seconds=1))


def _week_of(day: datetime) -> str:
    return f"scim_request_log_{day - timedelta(days=day.weekday()):%Y_%m_%d}"


@pytest.mark.parametrize(
    "name",
    [
        _week_of(datetime.now(UTC)),
        _week_of(datetime.now(UTC) - timedelta(days=7)),
        "scim_request_log_default",
        "scim_request_log",
        "scim_resource",
    ],
)
def test_nothing_but_a_week_before_the_last_can_be_dropped(database: None, name: str) -> None:
    with (
        connections["platform"].cursor() as cursor,
        pytest.raises(IntegrityError, match="no week that may be dropped"),
    ):
        cursor.execute("SELECT scim_drop_request_log(%s)", [name])


def test_app_role_may_drop_no_week(database: None) -> None:
    with connections["default"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("SELECT scim_drop_request_log(%s)", [WEEK])
