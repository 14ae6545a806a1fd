"""A history checked where it is kept: in steps, whole or a part, and what was changed behind the triggers is found."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connections, transaction

from audit import checking
from audit.checking import BrokenHistoryError, Check, begin_check, check_some
from audit.partitions import TRIGGER
from audit.stored_tree import NothingSealedError
from audit.verify import BLOCK
from tests.audit.histories import record, seal


def _check(check: Check) -> Check:
    while not check.is_done:
        check = check_some(check=check)
    return check


@pytest.fixture(name="long")
def _long(tenant: UUID) -> UUID:
    record(tenant, 2 * BLOCK + 9)
    seal()
    return tenant


def test_history_that_holds_is_checked_in_steps(long: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "BLOCKS_AT_ONCE", 1)
    check, seen = begin_check(), []
    while not check.is_done:
        check = check_some(check=check)
        seen.append(check.checked)
    assert seen == [BLOCK, 2 * BLOCK, check.total]
    assert (check.first, check.end, check.dropped) == (0, check.size, 0)


def test_part_of_a_history_is_checked_alone(tenant: UUID) -> None:
    record(tenant, BLOCK + 20)
    since = datetime.now(UTC)
    record(tenant, 5)
    until = datetime.now(UTC)
    record(tenant, BLOCK)
    seal()
    check = begin_check(since=since, until=until)
    assert (check.total, check.first > BLOCK) == (5, True)
    assert _check(check).checked == 5


def test_time_without_events_holds(long: UUID) -> None:
    check = begin_check(since=datetime(2100, 1, 1, tzinfo=UTC))
    assert check_some(check=check).total == 0


def test_history_that_is_not_sealed_says_so(tenant: UUID) -> None:
    record(tenant, 1)
    with pytest.raises(NothingSealedError):
        begin_check()


PARTITION = f"audit_event_{datetime.now(UTC):%Y_%m}"
OF_LEAF = "WHERE tenant_id = %s AND leaf_index = 300"
OF_EVENT = f"WHERE id IN (SELECT event_id FROM audit_leaf {OF_LEAF})"
NOT_SEALED = "Leaves 257 to 512 are not those that were sealed."
# By name: the table, what is done to it, what is found.
CHANGES = {
    "event": (
        PARTITION,
        f"UPDATE {PARTITION} SET canonical = replace(canonical, 'Gr', 'gr') {OF_EVENT}",
        "The event at leaf 301 is not the one that was sealed.",
    ),
    "leaf": ("audit_leaf", f"UPDATE audit_leaf SET hash = sha256('x') {OF_LEAF}", NOT_SEALED),
    "missing leaf": ("audit_leaf", f"DELETE FROM audit_leaf {OF_LEAF}", NOT_SEALED),
    "checkpoint": (
        "audit_checkpoint",
        "UPDATE audit_checkpoint SET note = translate(note, 'ABCDEFGH', 'BCDEFGHA') WHERE tenant_id = %s",
        "is not signed",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_owner_changed_without_the_triggers_is_found(long: UUID, name: str) -> None:
    table, statement, told = CHANGES[name]
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(long)])
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {TRIGGER}")
        cursor.execute(statement, [long])
        assert cursor.rowcount > 0
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {TRIGGER}")
    with pytest.raises(BrokenHistoryError, match=told):
        _check(begin_check())
