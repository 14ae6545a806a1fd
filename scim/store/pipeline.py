"""A tenant scope whose statements travel in one psycopg pipeline: BEGIN, set_config, statements and COMMIT in one
flush.

Results of statements are there when the scope has closed. Fetching inside it is allowed and costs one more round trip.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from psycopg.pq import TransactionStatus

from labsninja.kernel.isolation import Scope, current_tenant
from labsninja.kernel.isolation.context import SET_TENANT, Params, active_alias, enter_scope, scope_to_join
from scim.store.schemas import noticing_changes


@contextmanager
def pipelined_scope() -> Iterator[Scope]:
    """One transaction of the bound tenant; inside an open scope of the same tenant it joins that.

    Raises what tenant_scope raises, and on leaving django.db's errors of the statements in it: nothing is committed
    then.
    """
    tenant_id, alias = current_tenant(), active_alias()
    open_scope = scope_to_join(tenant_id, alias)
    if open_scope is not None:
        yield open_scope
        return
    connection = connections[alias]
    _replace_if_ended(connection)
    connection.ensure_connection()
    with noticing_changes(), connection.wrap_database_errors, _transaction(connection.connection) as raw:
        execute = _executor(raw)
        execute(SET_TENANT, [str(tenant_id)])
        with enter_scope(Scope(tenant_id, alias, connection, execute)) as scope:
            yield scope


def _replace_if_ended(connection: Any) -> None:
    """Close a connection that the server has ended meanwhile, so that not every process answers its first request
    after a restart of PostgreSQL with 503. Nothing is to be read from an idle connection but its end: looking for it
    costs a system call, where Django's own check costs a round trip.
    """
    if connection.connection is not None and not connection.in_atomic_block and not connection.connection.closed:
        idle = select.poll()
        idle.register(connection.connection.fileno(), select.POLLIN)
        if idle.poll(0) and not connection.is_usable():
            connection.close()


@contextmanager
def _transaction(raw: Any) -> Iterator[Any]:
    try:
        with raw.pipeline():
            raw.execute("BEGIN")
            yield raw
            raw.execute("COMMIT")
    finally:
        # After an error the server has skipped the COMMIT; a broken connection is left to Django to replace.
        if not raw.closed and raw.info.transaction_status is not TransactionStatus.IDLE:
            raw.rollback()  # it also forgets prepared statements: those behind the failed one never came to be


def _executor(raw: Any) -> Any:
    def execute(statement: str, params: Params) -> Any:
        return raw.cursor().execute(statement, params)

    return execute
