"""More than 10,000 generated statements of every kind aim at another tenant's rows, without the application's filter.

As ln_app none may read, change, delete or place a row of the other tenant. As ln_platform, which bypasses row-level
security, the same statements get through: the probes can see a leak when there is one.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.kernel.isolation.context import SET_TENANT
from tests.isolation.directory import populate

PROBES = 10_400


@dataclass(frozen=True)
class Table:
    """A tenant table: a column the app may update, and whether rows may be updated or deleted at all."""

    name: str
    column: str
    append_only: bool = False


TABLES = (
    Table("scim_resource", "version"),
    Table("scim_change", "feed_seq"),
    Table("tenants_scim_client", "name"),
    Table("tenants_client_token", "warned_days"),
    Table("kernel_data_key", "wrapped"),
    Table("audit_event", "outcome", append_only=True),
)

# {t} table, {c} column; %(victim)s and %(id)s are the other tenant and one of its rows, %(own)s a row of the prober.
READS = (
    "SELECT 1 FROM {t} WHERE id = %(id)s",
    "SELECT 1 FROM {t} WHERE tenant_id = %(victim)s",
    "SELECT 1 FROM {t} WHERE tenant_id <> %(self)s",
    "SELECT 1 FROM {t} WHERE tenant_id::text LIKE left(%(victim)s::text, 36)",
    (
        "SELECT 1 FROM {t} WHERE tenant_id = %(victim)s OR true "
        "ORDER BY (tenant_id = %(victim)s) DESC, id LIMIT 1 OFFSET %(count)s"
    ),
    "SELECT 1 WHERE EXISTS (SELECT FROM {t} WHERE id = %(id)s)",
    "SELECT 1 FROM {t} a JOIN {t} b ON a.tenant_id <> b.tenant_id LIMIT 1",
    "SELECT 1 FROM (SELECT max(id::text) AS id FROM {t} WHERE tenant_id = %(victim)s) m WHERE m.id IS NOT NULL",
    "SELECT 1 FROM {t} WHERE tenant_id = %(victim)s GROUP BY tenant_id HAVING count(*) > 0",
    "WITH seen AS MATERIALIZED (SELECT * FROM {t}) SELECT 1 FROM seen WHERE tenant_id = %(victim)s",
    "SELECT 1 FROM {t} WHERE ctid IN (SELECT ctid FROM {t} WHERE id = %(id)s)",
    "SELECT 1 FROM (SELECT id FROM {t} UNION SELECT %(own)s) u WHERE id = %(id)s",
    (
        "SELECT 1 FROM generate_series(1, 1) LEFT JOIN LATERAL (SELECT id FROM {t} WHERE id = %(id)s) l ON true "
        "WHERE l.id IS NOT NULL"
    ),
    "SELECT 1 FROM {t} WHERE id = ANY(ARRAY[%(id)s]::uuid[])",
    "SELECT 1 FROM (SELECT row_number() OVER () AS n, tenant_id FROM {t}) w WHERE tenant_id = %(victim)s",
)
WRITES = (
    "UPDATE {t} SET {c} = {c} WHERE id = %(id)s",
    "UPDATE {t} SET {c} = {c} WHERE tenant_id = %(victim)s",
    "UPDATE {t} a SET {c} = a.{c} FROM {t} b WHERE b.id = %(id)s AND a.id = b.id",
    "UPDATE {t} SET tenant_id = %(victim)s WHERE id = %(own)s",
    "UPDATE {t} SET tenant_id = %(self)s WHERE id = %(id)s",
    "DELETE FROM {t} WHERE id = %(id)s",
    "DELETE FROM {t} USING (SELECT %(id)s::uuid AS wanted) w WHERE id = wanted",
    "WITH gone AS (DELETE FROM {t} WHERE tenant_id = %(victim)s RETURNING 1) SELECT 1 FROM gone",
    (
        "MERGE INTO {t} a USING (SELECT %(id)s::uuid AS wanted) w ON a.id = w.wanted "
        "WHEN MATCHED THEN UPDATE SET {c} = a.{c}"
    ),
    "SELECT 1 FROM {t} WHERE id = %(id)s FOR UPDATE",
    "SELECT 1 FROM {t} WHERE tenant_id = %(victim)s FOR SHARE",
)
# A row placed into the other tenant: a copy of the prober's own under a new id.
INSERTS = ("INSERT INTO {t} ({columns}) SELECT {placed} FROM {t} WHERE id = %(own)s RETURNING 1",)


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", [table]
    )
    return [name for (name,) in cursor.fetchall()]


def _placed(column: str) -> str:
    made = {
        "tenant_id": "%(victim)s::uuid",
        "id": "%(fresh)s::uuid",
        "lookup_id": "left(md5(%(fresh)s::text), 12)",
        "version": "version + 100",
        "name": "md5(%(fresh)s::text)",
        "user_name": "md5(%(fresh)s::text)",
        "resource_id": "%(reference)s::uuid",
        "scim_client_id": "%(client)s::uuid",
        "xid": "pg_current_xact_id()",
    }
    return made.get(column, f'"{column}"')


def _statements(cursor: Any, table: Table) -> list[str]:
    columns = [column for column in _columns(cursor, table.name) if column != "feed_seq"]
    kinds = READS if table.append_only else READS + WRITES
    filled = {
        "t": table.name,
        "c": table.column,
        "columns": ", ".join(columns),
        "placed": ", ".join(_placed(column) for column in columns),
    }
    return [kind.format(**filled) for kind in (*kinds, *INSERTS)]


def _leaks(connection: psycopg.Connection, statement: str, params: dict[str, Any]) -> bool:
    """Whether the statement found or touched a row, or met another tenant's in a unique constraint; it is undone.

    A refusal is no leak.
    """
    cursor = connection.cursor()
    cursor.execute("SAVEPOINT probe")
    try:
        cursor.execute(statement, params)
        return cursor.rowcount > 0
    except psycopg.errors.UniqueViolation:
        return True
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation):
        return False
    finally:
        cursor.execute("ROLLBACK TO SAVEPOINT probe")


def _rows(cursor: Any, table: str, tenant_id: UUID) -> list[UUID]:
    cursor.execute(f"SELECT id FROM {table} WHERE tenant_id = %s", [tenant_id])
    return [row for (row,) in cursor.fetchall()]


@pytest.fixture
def probes(make_tenant: Callable[[], UUID], database: None) -> tuple[UUID, list[tuple[str, dict[str, Any]]]]:
    """The prober, and statements with their parameters, every kind on every table many times."""
    prober, victim = make_tenant(), make_tenant()
    for tenant_id in (prober, victim):
        with tenant_context(tenant_id):
            populate()
    chance = random.Random(20261123)
    with connections["owner"].cursor() as cursor:
        rows = {}
        for tenant_id in (prober, victim):
            cursor.execute(SET_TENANT.replace("true", "false"), [str(tenant_id)])
            rows[tenant_id] = {table.name: _rows(cursor, table.name, tenant_id) for table in TABLES}
        cursor.execute("RESET app.tenant_id")
        kinds = [(table, statement) for table in TABLES for statement in _statements(cursor, table)]
    made = []
    for number in range(PROBES):
        table, statement = kinds[number % len(kinds)]
        params = {
            "self": prober,
            "victim": victim,
            "id": chance.choice(rows[victim][table.name]),
            "own": chance.choice(rows[prober][table.name]),
            "reference": chance.choice(rows[victim]["scim_resource"]),
            "client": chance.choice(rows[victim]["tenants_scim_client"]),
            "fresh": UUID(int=chance.getrandbits(128), version=4),
            "count": len(rows[prober][table.name]),
        }
        made.append((statement, params))
    return prober, made


def _probe_all(alias: str, prober: UUID, probes: list[tuple[str, dict[str, Any]]]) -> Counter[str]:
    """Statements that leaked, with how often, on a connection of its own bound to the prober."""
    connection = connections[alias].copy()
    connection.ensure_connection()
    raw = connection.connection
    try:
        with raw.transaction(force_rollback=True):
            raw.execute(SET_TENANT, [str(prober)])
            return Counter(statement for statement, params in probes if _leaks(raw, statement, params))
    finally:
        connection.close()


@pytest.mark.capability("tenant-isolation")
def test_no_probe_of_the_app_role_reaches_another_tenant(probes: tuple[UUID, list[tuple[str, dict[str, Any]]]]) -> None:
    prober, statements = probes
    leaked = _probe_all("default", prober, statements)
    print(f"{len(statements)} probes as ln_app, {leaked.total()} leaks")  # noqa: T201  # for the record
    assert len(statements) >= 10_000
    assert leaked == {}


def test_the_same_probes_leak_for_a_role_that_bypasses_isolation(
    probes: tuple[UUID, list[tuple[str, dict[str, Any]]]],
) -> None:
    prober, statements = probes
    leaked = _probe_all("platform", prober, statements)
    print(f"{len(statements)} probes as ln_platform, {leaked.total()} leaks")  # noqa: T201  # for the record
    assert leaked.total() > 0.9 * len(statements), {statement for statement, _ in statements} - set(leaked)


def test_the_prober_reads_its_own_rows(tenant: UUID) -> None:
    populate()
    with tenant_scope() as scope:
        for table in TABLES:
            assert scope.execute(f"SELECT count(*) FROM {table.name}", None).fetchone()[0] > 0
