"""Running a statement for the open scope's tenant, which every one of them names as %(tenant)s."""

from typing import Any

from labsninja.kernel.isolation import current_scope


def run_statement(statement: str, **params: Any) -> Any:
    """The cursor with the answer. Raises OutsideScopeError."""
    scope = current_scope()
    return scope.execute(statement, {"tenant": scope.tenant_id, **params})
