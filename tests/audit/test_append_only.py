"""Whoever tries, what is in the history stays in it: triggers refuse the owner too, in every partition."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from audit.partitions import TRIGGER

GUARDED = ["audit_event"]
COLUMN = {"audit_event": "outcome"}
UNGUARDED = """
SELECT c.relname::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND (c.oid = ANY(%(tables)s::regclass[])
       OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid AND inhparent = ANY(%(tables)s::regclass[])))
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND tgname = %(trigger)s AND tgenabled = 'A'
                  AND tgtype = 58)
"""  # 58: before (2), delete (8), update (16), truncate (32), once a statement


@pytest.fixture(name="owner")
def _owner(database: None) -> Iterator[psycopg.Connection]:
    """The tables' owner on a connection of its own, whose work is undone."""
    connection = connections["owner"].copy()
    connection.ensure_connection()
    try:
        with connection.connection.transaction(force_rollback=True):
            yield connection.connection
    finally:
        connection.close()


def _unguarded(owner: psycopg.Connection) -> list[Any]:
    return owner.execute(UNGUARDED, {"tables": GUARDED, "trigger": TRIGGER}).fetchall()


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_owner_may_not_change_what_happened(owner: psycopg.Connection, table: str, verb: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation, match=f"{table} only grows"):
        owner.execute(verb.format(table, COLUMN[table]))


@pytest.mark.parametrize("partition", ["audit_event_default", f"audit_event_{datetime.now(UTC):%Y_%m}"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET outcome = outcome", "DELETE FROM {}", "TRUNCATE {}"])
def test_owner_may_not_change_a_partition(owner: psycopg.Connection, partition: str, verb: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation, match=f"{partition} only grows"):
        owner.execute(verb.format(partition))


def test_trigger_holds_where_replication_writes(owner: psycopg.Connection) -> None:
    """`session_replication_role = replica` is a superuser's to set; what it would spare is told by the catalogue."""
    assert _unguarded(owner) == []


def test_partition_without_the_trigger_is_found(owner: psycopg.Connection) -> None:
    owner.execute(f"ALTER TABLE audit_event_default DISABLE TRIGGER {TRIGGER}")
    assert _unguarded(owner) == [("audit_event_default",)]


def test_partition_that_is_made_later_is_guarded(owner: psycopg.Connection) -> None:
    made = owner.execute("SELECT audit_prepare_partitions(40)").fetchone()
    assert made is not None
    assert made[0] > 0
    assert _unguarded(owner) == []


def test_default_partition_that_is_written_anew_keeps_its_other_rows_and_is_guarded(
    tenant: UUID, owner: psycopg.Connection
) -> None:
    months = (2031 - datetime.now(UTC).year) * 12 + 5
    names, texts = _empty_texts(owner)
    insert = f"INSERT INTO audit_event_default (tenant_id, id, at, {names}) VALUES (%s, gen_random_uuid(), %s, {texts})"
    for at in ("2018-05-06T00:00:00Z", "2031-05-06T00:00:00Z"):
        owner.execute(insert, [tenant, at])
    counting = "SELECT tableoid::regclass::text FROM {} WHERE tenant_id = %s"
    owner.execute("SELECT audit_prepare_partitions(%s::integer)", [months])
    assert owner.execute(counting.format("audit_event_2031_05"), [tenant]).fetchall() == [("audit_event_2031_05",)]
    assert owner.execute(counting.format("audit_event_default"), [tenant]).fetchall() == [("audit_event_default",)]
    assert _unguarded(owner) == []


def _empty_texts(owner: psycopg.Connection) -> tuple[str, str]:
    columns = owner.execute(
        "SELECT column_name::text FROM information_schema.columns"
        " WHERE table_name = 'audit_event' AND data_type = 'text'"
    ).fetchall()
    return ", ".join(name for (name,) in columns), ", ".join("''" for _ in columns)
