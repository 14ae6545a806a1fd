"""Tenant scopes whose statements travel in one pipeline: everything from the setting of the tenant to the end in one
flush.

Results of statements are there when the scope has closed. Fetching inside it is allowed and costs one more round trip.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connections

from labsninja.kernel.isolation import Scope, current_tenant
from labsninja.kernel.isolation.context import SET_TENANT, active_alias, enter_scope, scope_to_join
from scim.store.schemas import IS_REVISION, check_revision, noticing_changes

# For what is looked up by keys one plan is right for all values, and making one for each costs more than following it.
# Set for the length of the transaction, like the tenant.
SET_TENANT_BY_KEYS: Final = f"{SET_TENANT}, set_config('plan_cache_mode', 'force_generic_plan', true)"
# CASE keeps the order: the tenant is known to row-level security before the revision is read.
OPEN_READING: Final = f"""
SELECT CASE WHEN set_config('app.tenant_id', %(tenant)s::text, true) <> '' THEN {IS_REVISION} END,
       set_config('plan_cache_mode', %(plans)s, true), set_config('transaction_read_only', 'on', true)
"""


@contextmanager
def pipelined_scope(*, by_keys: bool = False) -> Iterator[Scope]:
    """One transaction of the bound tenant; inside an open scope of the same tenant it joins that.

    `by_keys` is whether all that is read in it is looked up by keys. Raises what tenant_scope raises, and on leaving
    django.db's errors of the statements in it: nothing is committed then.
    """
    tenant_id, alias = current_tenant(), active_alias()
    open_scope = scope_to_join(tenant_id, alias)
    if open_scope is not None:
        yield open_scope
        return
    connection = _connect(alias)
    pipeline = connection.pipeline
    with noticing_changes(), connection.wrap_database_errors, pipeline.transaction():
        pipeline.execute(SET_TENANT_BY_KEYS if by_keys else SET_TENANT, [str(tenant_id)])
        with enter_scope(Scope(tenant_id, alias, connection, pipeline.execute)) as scope:
            yield scope


@contextmanager
def reading_scope(*, revision: int, by_keys: bool = False) -> Iterator[Scope]:
    """The same for what only reads, by the tenant's definitions as of that revision: tenant, check and statements
    without BEGIN and COMMIT. Raises OutdatedSchemasError, too, on leaving.
    """
    tenant_id, alias = current_tenant(), active_alias()
    open_scope = scope_to_join(tenant_id, alias)
    if open_scope is not None:
        check_revision(revision)
        yield open_scope
        return
    connection = _connect(alias)
    pipeline = connection.pipeline
    plans = "force_generic_plan" if by_keys else "auto"
    with noticing_changes(), connection.wrap_database_errors, pipeline.reading():
        pipeline.execute(OPEN_READING, {"tenant": tenant_id, "revision": revision, "plans": plans})
        with enter_scope(Scope(tenant_id, alias, connection, pipeline.execute)) as scope:
            yield scope


def _connect(alias: str) -> Any:
    connection = connections[alias]
    _replace_if_ended(connection)
    connection.ensure_connection()
    return connection


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


def drop_connection() -> None:
    """Close the serving connection; the next scope has a new one. For after a row of megabytes: libpq keeps a buffer as
    large as the largest row for the life of a connection.
    """
    connections[active_alias()].close()
