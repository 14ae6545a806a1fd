"""What PostgreSQL itself says of isolation: read from the catalogue, never from Django's state."""

from collections.abc import Iterable
from typing import Any

from labsninja.kernel.isolation.rls import POLICY

APP_ROLE = """
SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
       EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns,
       EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS is_member
FROM pg_roles r WHERE rolname = current_user
"""
APP_ROLE_FAULTS = (
    "is a superuser",
    "bypasses row-level security",
    "may create roles",
    "may create databases",
    "owns a table",
    "is a member of another role",
)

# The policy's condition as PostgreSQL writes it back.
STORED_CONDITION = (
    "(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid AS \"nullif\"))"
)

TENANT_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       (SELECT array_agg(concat_ws(' ', polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)))
        FROM pg_policy WHERE polrelid = c.oid) AS policies
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)
"""


def find_role_faults(cursor: Any) -> list[str]:
    """Sentences about the role of this connection that must not serve tenants; empty when it may."""
    cursor.execute(APP_ROLE)
    row = cursor.fetchone()
    return [f"the serving role {fault}" for fault, found in zip(APP_ROLE_FAULTS, row, strict=True) if found]


def find_table_faults(cursor: Any, tables: Iterable[str]) -> list[str]:
    """Sentences about tenant tables that are missing, or lack enabled and forced row-level security with the one
    policy.
    """
    wanted = sorted(tables)
    cursor.execute(TENANT_TABLES, [wanted])
    found = {name: (enabled, forced, policies) for name, enabled, forced, policies in cursor.fetchall()}
    right = (True, True, [f"{POLICY} {STORED_CONDITION} {STORED_CONDITION}"])
    return [f"tenant table {table} is {_state(found.get(table))}" for table in wanted if found.get(table) != right]


def _state(row: tuple[bool, bool, list[str] | None] | None) -> str:
    if row is None:
        return "missing: run migrate"
    enabled, forced, policies = row
    return f"not isolated: row-level security enabled={enabled}, forced={forced}, policies={policies or []}"
