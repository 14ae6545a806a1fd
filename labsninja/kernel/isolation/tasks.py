"""Base of Celery tasks that work for one tenant."""

from typing import Any
from uuid import UUID

from celery import Task

from labsninja.kernel.isolation.context import tenant_context


class TenantTask(Task):  # type: ignore[type-arg]  # celery's own Task is generic in its stubs only
    """A task whose first argument is the tenant's id as text; it is bound while the task runs, and no longer.

    The task opens its scopes itself: none may span what else it does.
    """

    abstract = True

    def __call__(self, tenant_id: str, *args: Any, **kwargs: Any) -> Any:
        with tenant_context(UUID(tenant_id)):
            return super().__call__(tenant_id, *args, **kwargs)
