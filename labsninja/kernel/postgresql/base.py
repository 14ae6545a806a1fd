"""The database backend: Django's own, refusing statements on tenant tables outside a scope.

Zero rows would be the answer of row-level security, and a wrong one: a reconciliation that sees nobody deletes
everybody.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.backends.postgresql import base

from labsninja.kernel.isolation.context import OutsideScopeError, is_cross_tenant, is_scope_open

# Migrations run as the owner, which row-level security binds too; data migrations open scopes of their own.
GUARDED_ALIASES = {"default", "platform"}


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose every statement passes the guard."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        if alias in GUARDED_ALIASES:
            self.execute_wrappers.append(refuse_outside_scope)


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
