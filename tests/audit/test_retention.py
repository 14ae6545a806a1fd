"""Retention takes whole months that are over and sealed, tells of it, and breaks no proof."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connections

from audit.actions import Action
from audit.actors import Actor, ActorKind, Origin, system_origin
from audit.queries import list_events
from audit.retention import drop_expired_months, drop_month, list_expired_months
from audit.services import Event, Target, record_event
from audit.verify import verify
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from tests.audit.histories import as_platform, export, keys_of, record, seal

MONTH = "audit_event_2001_03"
ORIGIN = Origin(Actor(ActorKind.SYSTEM, label="test"), "system", datetime(2001, 3, 4, tzinfo=UTC))
MAKE = (
    f"SELECT audit_make_partition('audit_event', '{MONTH}')",
    f"ALTER TABLE audit_event ATTACH PARTITION {MONTH} FOR VALUES FROM ('2001-03-01Z') TO ('2001-04-01Z')",
)


@pytest.fixture(autouse=True)
def _old_month(database: None) -> Iterator[None]:
    """A partition of long ago; other tests may have left rows of that time nowhere, for none is that old."""
    _as_owner(*MAKE)
    yield
    _as_owner(f"DROP TABLE IF EXISTS {MONTH}")


def _as_owner(*statements: str) -> None:
    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _record_old(tenant_id: UUID) -> None:
    with tenant_context(tenant_id), tenant_scope():
        record_event(event=Event(Action.GROUP_CREATED, Target("Group", "old")), origin=ORIGIN)


def _exists() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [MONTH])
        return bool(cursor.fetchone()[0])


def test_words_go_with_the_events_of_their_month(tenant: UUID) -> None:
    words = MONTH.replace("event", "word")
    _as_owner(*(statement.replace("audit_event", "audit_word") for statement in MAKE))
    with tenant_context(None):
        assert drop_expired_months(days=400, origin=system_origin("ledger")) == 1
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [words])
        assert cursor.fetchone() == (None,)


def test_month_that_is_over_for_long_is_dropped_and_told_of(tenant: UUID) -> None:
    _record_old(tenant)
    seal()
    with tenant_context(None):
        assert drop_expired_months(days=400, origin=system_origin("ledger")) == 1
    assert not _exists()
    with as_platform(DEPLOYMENT_TENANT_ID):
        told = [event for event in list_events(newest=50) if event.action == "audit.month.dropped"]
    assert (told[-1].target_id, '"events":1' in told[-1].canonical) == (MONTH, True)


def test_history_with_a_dropped_month_is_proved_as_before(tenant: UUID) -> None:
    record(tenant, 3)
    _record_old(tenant)
    record(tenant, 2)
    seal()
    with as_platform(None):
        drop_month(name=MONTH, origin=system_origin("test"))
    record(tenant, 1)
    seal()
    found = verify(io.BytesIO(export(tenant)), trusted=keys_of(tenant))
    assert found.counts["dropped"] == 1
    assert found.counts["checked"] > 6


def test_month_with_an_event_that_is_not_sealed_stays(tenant: UUID) -> None:
    seal()
    _record_old(tenant)
    with as_platform(None), pytest.raises(IntegrityError, match="not sealed"):
        drop_month(name=MONTH, origin=system_origin("test"))
    assert _exists()


@pytest.mark.parametrize(
    "name",
    [f"audit_event_{datetime.now(UTC):%Y_%m}", "audit_event_default", "audit_event", "audit_leaf", "scim_resource"],
)
def test_nothing_but_an_old_month_can_be_dropped(database: None, name: str) -> None:
    with as_platform(None), pytest.raises(IntegrityError, match="no month that may be dropped"):
        drop_month(name=name, origin=system_origin("test"))


def test_app_role_may_drop_no_month(database: None) -> None:
    with connections["default"].cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("SELECT audit_drop_month(%s)", [MONTH])


def test_retention_of_no_days_keeps_everything(database: None) -> None:
    assert drop_expired_months(days=0, origin=system_origin("ledger")) == 0
    assert _exists()


def test_month_is_expired_when_its_last_day_is(database: None) -> None:
    end = datetime(2001, 4, 1, tzinfo=UTC)
    assert MONTH in list_expired_months(before=end)
    assert MONTH not in list_expired_months(before=end - timedelta(seconds=1))
