"""The database backend: Django's own, refusing statements on tenant tables outside a scope.

Zero rows would be the answer of row-level security, and a wrong one: a reconciliation that sees nobody deletes
everybody.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.backends.postgresql import base

from labsninja.kernel.isolation.context import IsolationError, OutsideScopeError, is_cross_tenant, is_scope_open
from labsninja.kernel.postgresql.pipeline import Pipeline

# Migrations run as the owner, which row-level security binds too; data migrations open scopes of their own.
GUARDED_ALIASES = {"default", "platform"}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose every statement passes the guard."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        if alias in GUARDED_ALIASES:
            self.execute_wrappers += [refuse_beside_pipeline, refuse_outside_scope]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Django's, with a pipeline of its own."""
        raw = super().get_new_connection(conn_params)
        self.pipeline = Pipeline(raw)
        return raw


def refuse_beside_pipeline(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
    """Django execute wrapper. Raises IsolationError while a pipeline is open: it has the connection for itself."""
    if context["connection"].pipeline.is_open:
        raise IsolationError("in a pipelined scope statements go through the scope")
    return execute(sql, params, many, context)


def refuse_outside_scope(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Django execute wrapper. Raises OutsideScopeError for a tenant table outside a scope of this connection."""
    connection = context["connection"]
    allowed = is_scope_open(connection) or (connection.alias == "platform" and is_cross_tenant())
    if not allowed and (found := _tenant_tables().search(str(sql))):
        raise OutsideScopeError(f"{found.group(0)} is a tenant table: open a tenant_scope first")
    return execute(sql, params, many, context)


@cache
def _tenant_tables() -> re.Pattern[str]:
    from labsninja.kernel.isolation.managers import list_tenant_tables  # noqa: PLC0415  # models load this backend first

    tables = list_tenant_tables()
    return re.compile(rf"\b({'|'.join(tables)})\b") if tables else re.compile(r"(?!)")
