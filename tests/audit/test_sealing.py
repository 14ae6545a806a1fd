"""Sealing: every committed event becomes one leaf of its tenant's tree, whenever it was committed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connections
from pytest_django import Settings

from audit.actors import system_origin
from audit.anchors import anchor_file
from audit.models import AuditEvent
from audit.queries import list_events
from audit.sealing import Sealer, seal_events
from audit.signing import find_signer, rotate_signing_key
from audit.verify import hash_all, hash_leaf, read_checkpoint
from labsninja.attendants import SealingDuty
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tests.audit.histories import as_platform, keys_of, record, seal

COPY = """
INSERT INTO audit_event SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(),
    'xid', pg_current_xact_id(), 'target_id', %s::text))).* FROM audit_event e WHERE tenant_id = %s LIMIT 1
"""


@pytest.fixture(name="other_transaction")
def _other_transaction(database: None) -> Iterator[psycopg.Connection]:
    """A connection of the platform role with a transaction of its own."""
    connection = connections["platform"].copy()
    connection.ensure_connection()
    yield connection.connection
    connection.close()


def _ask(statement: str) -> list[tuple[Any, ...]]:
    with tenant_scope() as scope:
        found: list[tuple[Any, ...]] = scope.execute(statement, [scope.tenant_id]).fetchall()
    return found


def _leaves() -> list[tuple[int, UUID, bytes]]:
    found = _ask("SELECT leaf_index, event_id, hash FROM audit_leaf WHERE tenant_id = %s ORDER BY leaf_index")
    return [(index, event_id, bytes(leaf)) for index, event_id, leaf in found]


def _notes() -> list[str]:
    return [note for (note,) in _ask("SELECT note FROM audit_checkpoint WHERE tenant_id = %s ORDER BY size")]


def _unsealed(tenant_id: UUID) -> list[AuditEvent]:
    with tenant_context(tenant_id):
        sealed = {event_id for _, event_id, _ in _leaves()}
        return [event for event in list_events(newest=100) if event.id not in sealed]


def _replace_private_key(tenant_id: UUID, private: bytes) -> bytes:
    """Gives the one that stood there."""
    with as_platform(tenant_id), tenant_scope() as scope:
        found = scope.execute("SELECT private_key FROM audit_signing_key WHERE tenant_id = %s", [tenant_id]).fetchone()
        scope.execute("UPDATE audit_signing_key SET private_key = %s WHERE tenant_id = %s", [private, tenant_id])
    return bytes(found[0])


@contextmanager
def _watermark(value: str) -> Iterator[None]:
    with connections["platform"].cursor() as cursor:
        cursor.execute("UPDATE audit_sealing SET watermark = %s::text::xid8", [value])
        yield


@pytest.mark.capability("sealed-audit")
def test_every_event_becomes_one_leaf_with_the_hash_of_its_text(tenant: UUID) -> None:
    record(tenant, 5)
    seal()
    seal()
    events = {event.id: hash_leaf(event.canonical.encode()) for event in list_events(newest=100)}
    leaves = _leaves()
    assert {event_id: leaf for _, event_id, leaf in leaves} == events
    assert [index for index, *_ in leaves] == list(range(len(events)))


def test_checkpoint_is_signed_over_size_and_root_by_the_tenants_own_key(tenant: UUID, settings: Settings) -> None:
    settings.LABSNINJA_AUDIT_ORIGIN = "scim.example.com"
    record(tenant, 3)
    seal()
    checkpoint = read_checkpoint(_notes()[-1], keys_of(tenant))
    leaves = [leaf for *_, leaf in _leaves()]
    assert checkpoint.origin == f"scim.example.com/{tenant}"
    assert (checkpoint.size, checkpoint.root) == (len(leaves), hash_all(leaves))


def test_first_seal_makes_the_signing_key_with_an_event_that_is_sealed_too(tenant: UUID) -> None:
    record(tenant, 1)
    seal()
    assert "audit.signing_key.created" in [event.action for event in list_events(newest=10)]
    assert len(_leaves()) == len(list_events(newest=10))


def test_event_of_a_transaction_that_commits_late_is_sealed_after_later_ones(
    tenant: UUID, other_transaction: psycopg.Connection
) -> None:
    record(tenant, 1)
    other_transaction.execute("BEGIN")
    other_transaction.execute(COPY, ["late", tenant])
    record(tenant, 3)
    seal()
    sealed = len(_leaves())
    other_transaction.execute("COMMIT")
    seal()
    late = [event.id for event in list_events(newest=100) if event.target_id == "late"]
    assert [event_id for _, event_id, _ in _leaves()][sealed:] == late


def test_event_that_is_not_committed_is_not_sealed(tenant: UUID, other_transaction: psycopg.Connection) -> None:
    record(tenant, 1)
    with other_transaction.transaction(force_rollback=True):
        other_transaction.execute(COPY, ["never", tenant])
        seal()
    seal()
    assert len(_leaves()) == len(list_events(newest=100))


def test_backlog_is_sealed_in_goes_of_bounded_size(tenant: UUID) -> None:
    seal()
    record(tenant, 10)
    sealer, goes = Sealer(), list[int]()
    with as_platform(None):
        while not goes or goes[-1]:
            goes.append(sealer.seal_some(most=4))
    assert max(goes) == 4
    assert len(_leaves()) == len(list_events(newest=100))


@pytest.mark.parametrize("mark", ["9223372036854775807", "0"])
def test_events_are_found_where_a_restored_cluster_counts_transactions_anew(tenant: UUID, mark: str) -> None:
    """After a restore the mark may lie above every transaction of this cluster."""
    record(tenant, 3)
    with _watermark(mark):
        seal()
    record(tenant, 2)
    seal()
    assert len(_leaves()) == len(list_events(newest=100))


def test_events_that_tell_of_transactions_to_come_are_sealed_after_a_restore(
    tenant: UUID, other_transaction: psycopg.Connection
) -> None:
    record(tenant, 1)
    future = COPY.replace("pg_current_xact_id()", "'9000000000000000000'")
    other_transaction.execute(future, ["restored", tenant])
    with _watermark("9000000000000000000"):
        seal()
    assert len(_leaves()) == len(list_events(newest=100))


def test_second_sealer_of_the_same_events_fails_and_leaves_nothing(tenant: UUID) -> None:
    record(tenant, 2)
    seal()
    before = _leaves()
    rows = _ask("SELECT id, at, canonical FROM audit_event WHERE tenant_id = %s")
    with as_platform(tenant), pytest.raises(IntegrityError, match="audit_leaf"), tenant_scope() as scope:
        seal_events(scope=scope, rows=[row[:3] for row in rows])
    assert _leaves() == before


def test_tenant_whose_key_does_not_open_keeps_no_other_waiting_and_is_sealed_once_it_does(
    make_tenant: Callable[[], UUID], caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = make_tenant(), make_tenant()
    seal()
    private, sealer = _replace_private_key(stuck, b"damaged"), Sealer()
    for _ in range(2):
        record(stuck, 1)
        record(other, 2)
        with as_platform(None):
            sealer.seal_some()
        assert _unsealed(other) == []
    assert f"events of tenant {stuck} cannot be sealed" in caplog.text
    waiting = _unsealed(stuck)
    assert [event.action for event in waiting].count("scim.group.created") == 2
    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT oldest_at FROM audit_sealing")
        assert cursor.fetchone() == (min(event.at for event in waiting),)

    _replace_private_key(stuck, private)
    with as_platform(None):
        sealer._retry_at = 0.0
        sealer.seal_some()
    assert _unsealed(stuck) == []


def test_sealer_that_is_to_end_leaves_the_rest_for_the_next(tenant: UUID) -> None:
    seal()
    record(tenant, 2)
    waiting = _unsealed(tenant)
    with as_platform(None):
        assert Sealer().seal_some(is_ending=lambda: True) == 0
        assert _unsealed(tenant) == waiting != []
        Sealer().seal_some()
    assert _unsealed(tenant) == []


def test_trees_of_tenants_grow_apart(make_tenant: Callable[[], UUID]) -> None:
    tenants = [make_tenant(), make_tenant()]
    for tenant_id in tenants:
        record(tenant_id, 2)
    seal()
    for tenant_id in tenants:
        with as_platform(tenant_id):
            leaves = _leaves()
            checkpoint = read_checkpoint(_notes()[-1], keys_of(tenant_id))
        assert checkpoint.size == len(leaves)
        assert str(tenant_id) in checkpoint.origin


def test_rotated_key_signs_no_more_and_still_verifies_what_it_has_signed(tenant: UUID) -> None:
    record(tenant, 1)
    seal()
    (old,) = keys_of(tenant)
    with as_platform(tenant):
        rotate_signing_key(origin=system_origin("test"))
    seal()
    new, published = keys_of(tenant)
    notes = _notes()
    assert published == old
    assert read_checkpoint(notes[0], [old]).size < read_checkpoint(notes[-1], [new]).size
    with pytest.raises(ValueError, match="by no key that is trusted"):
        read_checkpoint(notes[-1], [old])
    with as_platform(tenant):
        kept = _ask("SELECT private_key IS NOT NULL, active FROM audit_signing_key WHERE tenant_id = %s")
    assert sorted(kept) == [(False, False), (True, True)]


def test_app_role_may_neither_sign_nor_seal(tenant: UUID) -> None:
    seal()
    with pytest.raises(ProgrammingError, match="permission denied"):
        find_signer(origin=system_origin("test"))
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope() as scope:
        scope.execute("INSERT INTO audit_checkpoint VALUES (%s, 99, '', '', now())", [tenant])


def test_duty_lets_the_newest_checkpoint_of_each_tenant_leave_the_database(
    tenant: UUID, settings: Settings, tmp_path: Path
) -> None:
    settings.LABSNINJA_AUDIT_ANCHORS = tmp_path / "anchors"
    duty = SealingDuty()
    for count in (2, 1):
        record(tenant, count)
        duty._anchored_at = float("-inf")
        with as_platform(None):
            duty.work()
    lines = anchor_file(tenant).read_text().splitlines()
    assert [json.loads(line)["note"] for line in lines] == [_notes()[0], _notes()[-1]]
    assert anchor_file(tenant).stat().st_mode & 0o777 == 0o600


def test_keys_are_published_by_a_command_that_can_rotate_them(tenant: UUID, capsys: pytest.CaptureFixture[str]) -> None:
    record(tenant, 1)
    seal()
    slug = next(event.target_display for event in list_events(newest=100) if event.action == "tenants.tenant.created")
    call_command("audit_keys", slug, "--rotate")
    told = capsys.readouterr().out.splitlines()
    assert told[::2] == ["# signs", "# has signed"]
    assert [line.partition("+")[0] for line in told[1::2]] == [name for name, _ in keys_of(tenant)]
