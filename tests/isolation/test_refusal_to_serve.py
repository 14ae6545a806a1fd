"""The check at the start of every serving process: it refuses a role or a table that would not keep tenants apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from labsninja.checks import find_isolation_faults, refuse_to_serve
from labsninja.kernel.isolation.catalog import find_role_faults, find_table_faults
from tests.isolation.catalog import TENANT

TABLE = "kernel_data_key"
# What is done wrong, and how it is put right again.
TABLE_FAULTS = (
    (f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY", f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY"),
    (f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY", f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY"),
    (f"CREATE POLICY second ON {TABLE} USING (true)", f"DROP POLICY second ON {TABLE}"),
    (
        f"ALTER POLICY tenant_isolation ON {TABLE} RENAME TO another",
        f"ALTER POLICY another ON {TABLE} RENAME TO tenant_isolation",
    ),
    (f"ALTER TABLE {TABLE} RENAME TO hidden", f"ALTER TABLE hidden RENAME TO {TABLE}"),
)
ROLE_FAULTS = (
    ("ALTER ROLE ln_app SUPERUSER", "the serving role is a superuser"),
    ("ALTER ROLE ln_app BYPASSRLS", "the serving role bypasses row-level security"),
    ("ALTER ROLE ln_app CREATEROLE", "the serving role may create roles"),
    ("ALTER ROLE ln_app CREATEDB", "the serving role may create databases"),
    ("ALTER TABLE kernel_lease OWNER TO ln_app", "the serving role owns a table"),
    ("GRANT ln_owner TO ln_app WITH INHERIT FALSE, SET TRUE", "the serving role is a member of another role"),
)

ESCAPES = (
    "CREATE TABLE stray (id int)",
    "SET ROLE ln_owner",
    "ALTER ROLE ln_app BYPASSRLS",
    "ALTER TABLE scim_resource DISABLE ROW LEVEL SECURITY",
    "DROP POLICY tenant_isolation ON scim_resource",
    "TRUNCATE scim_resource",
    "SET row_security = off; SELECT FROM scim_resource",
    "SELECT FROM audit_event_default",
    "COPY scim_resource TO PROGRAM 'cat'",
    "SELECT audit_prepare_partitions(1)",
)


@contextmanager
def _serve_as(alias: str) -> Iterator[None]:
    """The serving connection logs in as the role of another alias."""
    serving = connections["default"]
    connections["default"] = connections[alias].copy(alias="default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = serving


def test_process_with_the_right_role_and_tables_serves(database: None) -> None:
    assert find_isolation_faults() == []
    refuse_to_serve()


def test_role_that_bypasses_isolation_is_not_served_with(database: None) -> None:
    with _serve_as("platform"), pytest.raises(ImproperlyConfigured, match="bypasses row-level security"):
        refuse_to_serve()


def test_owner_of_the_tables_is_not_served_with(database: None) -> None:
    with _serve_as("owner"), pytest.raises(ImproperlyConfigured, match="owns a table"):
        refuse_to_serve()


@pytest.mark.parametrize(("statement", "fault"), ROLE_FAULTS)
def test_role_that_may_too_much_is_named(superuser: Any, statement: str, fault: str) -> None:
    superuser.execute(statement)
    superuser.execute("SET LOCAL ROLE ln_app")
    assert find_role_faults(superuser) == [fault]


@pytest.mark.parametrize(("break_it", "mend_it"), TABLE_FAULTS)
def test_table_that_is_not_isolated_is_not_served(database: None, break_it: str, mend_it: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(break_it)
        try:
            with pytest.raises(ImproperlyConfigured, match=f"tenant table {TABLE} is "):
                refuse_to_serve()
            assert [error.id for error in run_checks(databases=["default"])] == ["labsninja.E003"]
        finally:
            cursor.execute(mend_it)
    refuse_to_serve()


@pytest.mark.parametrize("table", sorted(TENANT))
def test_every_tenant_table_is_looked_at(database: None, table: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        try:
            assert [fault for fault in find_isolation_faults() if fault.startswith(f"tenant table {table} is")]
        finally:
            cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def test_tables_that_were_never_migrated_are_called_missing(owner: Any) -> None:
    assert find_table_faults(owner, ["nowhere"]) == ["tenant table nowhere is missing: run migrate"]


@pytest.mark.parametrize("statement", ESCAPES)
def test_app_role_cannot_free_itself(database: None, statement: str) -> None:
    connection = connections["default"].copy()
    connection.ensure_connection()
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.connection.execute(statement)
    finally:
        connection.close()
