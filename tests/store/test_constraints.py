"""Every constraint that the database names is violated once: by a copy of a row in which some columns are replaced."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connections

from labsninja.kernel.isolation import tenant_context, tenant_scope
from tests.isolation.directory import populate
from tests.store.sync_violations import SYNC_ROWS, SYNC_VIOLATIONS
from tests.store.violations import FRESH, PENDING_MEMBER, ROWS, VIOLATIONS
from tests.tenants.people import PEOPLE_TABLES

COPY = "INSERT INTO {0} SELECT (jsonb_populate_record(r, %s)).* FROM {0} r WHERE {1} ORDER BY r LIMIT 1"
# The platform role reads the request log and writes nothing there: its key is violated by the app role.
REQUEST = """
INSERT INTO scim_request_log SELECT (jsonb_populate_record(NULL::scim_request_log, jsonb_object_agg(column_name,
    CASE WHEN column_name = 'tenant_id' THEN to_jsonb(%(tenant)s::text)
         WHEN data_type = 'uuid' THEN to_jsonb(%(tenant)s::text)
         WHEN data_type LIKE 'timestamp%%' THEN to_jsonb(%(at)s::text)
         WHEN data_type = 'ARRAY' THEN '[]'::jsonb
         WHEN data_type = 'text' THEN to_jsonb(''::text) ELSE to_jsonb(0) END))).*
FROM information_schema.columns WHERE table_name = 'scim_request_log'
"""
NUMBER = """
UPDATE scim_change SET feed_seq = 1
WHERE id = (SELECT id FROM scim_change WHERE tenant_id = %s ORDER BY id LIMIT 1)
"""
WHICH = {
    "audit_sealing": "%s::text IS NOT NULL",
    "audit_streaming": "%s::text IS NOT NULL",
    "kernel_lease": "name = %s::text",
    "tenants_tenant": "id = %s",
}
# Partitions repeat the constraints of their parent, Django's own tables are its own affair, and those of people have
# tests/tenants/test_people_constraints.py.
NAMED = """
SELECT conname::text FROM pg_constraint JOIN pg_class c ON c.oid = conrelid
WHERE contype IN ('p', 'u', 'f', 'c', 'x') AND c.relnamespace = 'public'::regnamespace AND NOT relispartition
  AND relname !~ '^(django|auth)_' AND relname <> ALL(%(people)s)
UNION
SELECT i.relname::text FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class c ON c.oid = indrelid
WHERE indisunique AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
  AND c.relname !~ '^(django|auth)_' AND c.relname <> ALL(%(people)s)
"""


@pytest.fixture(name="filled")
def _filled(make_tenant: Callable[[], UUID]) -> Iterator[tuple[psycopg.Connection, UUID]]:
    """A connection of the platform role, whose work is undone, and a tenant with a row in every table."""
    made = make_tenant()
    with tenant_context(made):
        populate()
    connection = connections["platform"].copy()
    connection.ensure_connection()
    raw = connection.connection
    try:
        with raw.transaction(force_rollback=True):
            raw.execute(NUMBER, [made])
            raw.execute(PENDING_MEMBER, [made])
            for row in (*ROWS, *SYNC_ROWS):
                raw.execute(row, {"tenant": made})
            raw.execute("INSERT INTO kernel_lease VALUES (%s, '', 1, now())", [str(made)])
            yield raw, made
    finally:
        connection.close()


def _copy(raw: psycopg.Connection, table: str, tenant_id: UUID, replaced: dict[str, Any]) -> None:
    which = WHICH.get(table, "r.tenant_id = %s")
    raw.execute(COPY.format(table, which), [json.dumps(replaced), tenant_id], prepare=False)


@pytest.mark.parametrize(("constraint", "table", "replaced"), [*VIOLATIONS, *SYNC_VIOLATIONS])
def test_constraint_refuses_its_violation(
    filled: tuple[psycopg.Connection, UUID], constraint: str, table: str, replaced: dict[str, Any]
) -> None:
    raw, tenant_id = filled
    with pytest.raises(psycopg.errors.IntegrityError) as caught, raw.transaction():
        _copy(raw, table, tenant_id, replaced)
    told = caught.value.diag
    assert (told.constraint_name or "").replace(
        told.table_name or "", table, 1
    ) == constraint  # a partition has its own


def test_every_constraint_of_the_database_has_its_violation_here(database: None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(NAMED, {"people": PEOPLE_TABLES})
        shown = {constraint for constraint, *_ in (*VIOLATIONS, *SYNC_VIOLATIONS)} | {"scim_request_log_pkey"}
        assert {name for (name,) in cursor.fetchall()} == shown


def test_request_of_the_same_time_and_id_is_refused(tenant: UUID) -> None:
    params = {"tenant": tenant, "at": datetime.now(UTC)}
    with tenant_scope() as scope:
        scope.execute(REQUEST, params)
    with pytest.raises(IntegrityError, match="scim_request_log"), tenant_scope() as scope:
        scope.execute(REQUEST, params)


def test_same_user_name_is_free_in_another_tenant_and_after_a_deletion(
    filled: tuple[psycopg.Connection, UUID], make_tenant: Callable[[], UUID]
) -> None:
    raw, tenant_id = filled
    _copy(raw, "scim_resource", tenant_id, {"id": FRESH, "tenant_id": str(make_tenant())})
    raw.execute("UPDATE scim_resource SET deleted_at = now() WHERE tenant_id = %s", [tenant_id])
    _copy(raw, "scim_resource", tenant_id, {"id": FRESH, "deleted_at": None})


def test_same_id_in_two_tenants_tells_neither_of_the_other(
    filled: tuple[psycopg.Connection, UUID], make_tenant: Callable[[], UUID]
) -> None:
    raw, tenant_id = filled
    other = str(make_tenant())
    for table in ("scim_resource", "scim_change", "kernel_data_key"):
        _copy(raw, table, tenant_id, {"tenant_id": other})


def test_change_of_a_resource_of_another_tenant_is_refused(
    filled: tuple[psycopg.Connection, UUID], make_tenant: Callable[[], UUID]
) -> None:
    raw, tenant_id = filled
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="scim_change_resource_id_fk"):
        _copy(raw, "scim_change", tenant_id, {"tenant_id": str(make_tenant())})
