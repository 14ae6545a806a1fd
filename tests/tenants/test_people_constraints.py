"""Every constraint on the tables of people is violated once, as the catalogue lists them: by a copy of a row in which
just what the constraint watches is wrong.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from labsninja.kernel.isolation import tenant_context
from tests.tenants.people import PEOPLE_TABLES

FRESH = "99999999-9999-7999-8999-999999999999"
FRESH_OF_TYPE = {"uuid": FRESH, "bytea": "\\x01", "character varying": "another"}
# What a check refuses, by the end of its name.
WRONG: dict[str, dict[str, Any]] = {
    "attempts_check": {"attempts": -1},
    "role_known": {"role": "king"},
    "counted": {"failures": -1},
    "policy_idle": {"operators_idle_minutes": 4},
    "policy_hours": {"customers_session_hours": 13},
}
ROW = """
INSERT INTO {0} SELECT (jsonb_populate_record(NULL::{0}, jsonb_object_agg(column_name,
    CASE WHEN data_type = 'uuid' THEN to_jsonb(%(id)s::text)
         WHEN data_type LIKE 'timestamp%%' THEN to_jsonb(now()::text)
         WHEN data_type = 'boolean' THEN 'true'::jsonb
         WHEN data_type = 'jsonb' THEN '{{}}'::jsonb
         WHEN data_type IN ('integer', 'bigint', 'smallint') THEN '5'::jsonb
         WHEN column_name = 'role' THEN to_jsonb('owner'::text)
         ELSE to_jsonb(''::text) END))).*
FROM information_schema.columns WHERE table_name = '{0}' AND table_schema = 'public'
"""
COPY = "INSERT INTO {0} SELECT (jsonb_populate_record(r, %s)).* FROM {0} r WHERE {1} = %s"
CONSTRAINTS = """
SELECT conname::text, contype::text, c.relname::text,
       (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey))
FROM pg_constraint JOIN pg_class c ON c.oid = conrelid WHERE contype IN ('p', 'u', 'f', 'c') AND c.relname = ANY(%s)
ORDER BY 1
"""
TYPES = (
    "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'"
)


@pytest.fixture
def filled(tenant: UUID) -> Iterator[psycopg.Connection]:
    """A connection of the platform role with a row in every table, whose work is undone."""
    connection = connections["platform"].copy()
    connection.ensure_connection()
    try:
        with tenant_context(tenant), connection.connection.transaction(force_rollback=True):
            raw = connection.connection
            for table in sorted(PEOPLE_TABLES, key=lambda name: name.count("_")):  # people come before what is theirs
                raw.execute(ROW.format(table), {"id": str(tenant)})
            raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield raw
    finally:
        connection.close()


def _wrong_copy(raw: psycopg.Connection, name: str, kind: str, table: str, columns: list[str], unique: set[str]) -> Any:
    types: dict[str, str] = dict(raw.execute(TYPES, [table]).fetchall())
    found: dict[str, Any] = {"person_id": FRESH} if kind == "f" else {}
    if kind == "c":
        found = next(wrong for end, wrong in WRONG.items() if name.endswith(end))
    kept = set(columns) if kind in {"p", "u"} else set()
    tied = {"tenant_id"} | ({"person_id"} if not table.endswith("membership") else set())  # whose other end must exist
    fresh = {column: FRESH_OF_TYPE[types[column]] for column in unique - kept - tied}
    return json.dumps(fresh | found)


def test_every_constraint_of_peoples_tables_refuses_its_violation(filled: psycopg.Connection, tenant: UUID) -> None:
    constraints = filled.execute(CONSTRAINTS, [PEOPLE_TABLES]).fetchall()
    unique: dict[str, set[str]] = {}
    for _, kind, table, columns in constraints:
        unique.setdefault(table, set()).update(columns if kind in {"p", "u"} else ())
    refused = []
    for name, kind, table, columns in constraints:
        copy = _wrong_copy(filled, name, kind, table, columns, unique[table])
        which = ("key", b"") if table == "tenants_sign_in_throttle" else ("id", tenant)
        with pytest.raises(psycopg.errors.IntegrityError) as caught, filled.transaction():
            filled.execute(COPY.format(table, which[0]), [copy, which[1]], prepare=False)
        refused.append(caught.value.diag.constraint_name)
    assert refused == [name for name, *_ in constraints]
    assert len(refused) > 60
