"""SQL of connectors, links and runs. Every statement names its tenant itself, as %(tenant)s."""

from typing import Any

from labsninja.kernel.isolation import current_scope


def run_statement(statement: str, **params: Any) -> Any:
    """The cursor with the answer, for the open scope's tenant. Raises OutsideScopeError."""
    scope = current_scope()
    return scope.execute(statement, {"tenant": scope.tenant_id, **params})
