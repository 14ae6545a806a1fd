"""What an act has left in the database: its events, and which transactions changed rows of the tenant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from django.db import connections

from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID
from tenants.services.last_use import flush_uses

TABLES = """
SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""
# xmin is the transaction, or the part of one behind a savepoint, that wrote this version of a row.
EVENTS = """
SELECT action, outcome, xid::text::bigint, xmin::text::bigint FROM audit_event
WHERE tenant_id = %s AND xid::text::bigint >= %s ORDER BY xid, id
"""
WRITERS = "SELECT DISTINCT xmin::text::bigint FROM {0} WHERE tenant_id = %s AND xmin::text::bigint >= %s"
STATE = "SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {0} t WHERE tenant_id = %s"
# What tells of requests, not of what they changed: the log, the meter, and the keys of the tenant's secrets.
ASIDE = {
    "scim_request_log",
    "scim_client_warning",
    "scim_request_count",
    "tenants_rate_bucket",
    "scim_reads_recorded",
    "kernel_data_key",
}


@dataclass
class Traces:
    """Complete when the act is over. `done` and `denied` are actions in the tenant's own log, in their order."""

    done: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    deployment: list[str] = field(default_factory=list)
    unrecorded: dict[str, set[int]] = field(default_factory=dict)


@contextmanager
def looking() -> Iterator[psycopg.Connection]:
    """A connection of the platform role, which sees all tenants."""
    connection = connections["platform"].copy()
    connection.ensure_connection()
    connection.connection.autocommit = True
    try:
        yield connection.connection
    finally:
        connection.close()


@contextmanager
def watched(tenant_id: UUID, *aside: str) -> Iterator[Traces]:
    """Traces of what the block does in the tenant. In tables that are left `aside` something writes for itself."""
    traces = Traces()
    flush_uses(at_once=True)
    with looking() as raw:
        (began,) = raw.execute("SELECT pg_current_xact_id()::text::bigint").fetchone() or (0,)
        yield traces
        found = raw.execute(EVENTS, [tenant_id, began]).fetchall()
        traces.done = [action for action, outcome, *_ in found if outcome != "denied"]
        traces.denied = [action for action, outcome, *_ in found if outcome == "denied"]
        traces.deployment = [action for action, *_ in raw.execute(EVENTS, [DEPLOYMENT_TENANT_ID, began]).fetchall()]
        recorded = {xid for *_, top, part in found for xid in (top, part)}
        for table in {*list_tables(raw)} - ASIDE - {*aside}:
            writers = {xid for (xid,) in raw.execute(_of(WRITERS, table), [tenant_id, began]).fetchall()}
            if writers - recorded:
                traces.unrecorded[table] = writers - recorded


def read_state(tenant_id: UUID, *aside: str) -> dict[str, str]:
    """A digest of all that the tenant has, by table, events included."""
    flush_uses(at_once=True)
    with looking() as raw:
        state = {
            table: str(raw.execute(_of(STATE, table), [tenant_id]).fetchone())
            for table in {*list_tables(raw)} - ASIDE - {*aside}
        }
        state["tenants_tenant"] = str(
            raw.execute("SELECT t::text FROM tenants_tenant t WHERE id = %s", [tenant_id]).fetchone()
        )
    return state


def list_tables(raw: psycopg.Connection) -> list[str]:
    """All tables that have rows of tenants."""
    return [name for (name,) in raw.execute(TABLES).fetchall()]


def _of(statement: str, table: str) -> bytes:
    return statement.format(table).encode()
