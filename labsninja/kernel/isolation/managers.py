"""Models of tenant tables: loud outside a scope, filtered by tenant inside it, whatever row-level security adds
below.
"""

from typing import Any, TypeVar

import uuid_utils.compat
from django.apps import apps
from django.db import models

from labsninja.kernel.isolation.context import OutsideScopeError, current_scope, current_tenant, is_cross_tenant

Row = TypeVar("Row", bound=models.Model)


class TenantManager(models.Manager[Row]):
    """Rows of the open scope's tenant. Raises OutsideScopeError outside a scope."""

    def get_queryset(self) -> models.QuerySet[Row]:
        scope = current_scope()
        return super().get_queryset().using(scope.alias).filter(tenant_id=scope.tenant_id)


class AcrossManager(models.Manager[Row]):
    """Rows of every tenant, on the platform role. Raises OutsideScopeError outside cross_tenant."""

    def get_queryset(self) -> models.QuerySet[Row]:
        if not is_cross_tenant():
            raise OutsideScopeError("rows of all tenants need a cross_tenant block")
        return super().get_queryset().using("platform")


class TenantModel(models.Model):
    """A row of one tenant. Django's key is the UUIDv7 `id`; the table's own is (tenant_id, id)."""

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    tenant_id = models.UUIDField(default=current_tenant, editable=False)

    objects: Any = TenantManager()
    across: Any = AcrossManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"


def list_tenant_tables() -> list[str]:
    """Tables of tenants: those of models, and those that an app names in `tenant_tables` because only SQL uses them."""
    models_of_tenants = (model for model in apps.get_models() if issubclass(model, TenantModel))
    named = (table for app in apps.get_app_configs() for table in getattr(app, "tenant_tables", ()))
    return sorted({*(model._meta.db_table for model in models_of_tenants), *named})


# Django's own tables that only its admin uses, and which ln_app may not touch.
OF_THE_ADMIN = frozenset({"admin", "auth", "contenttypes"})


class TenantRouter:
    """Sends everything to the role of the moment, but what only the platform role may touch always to that one: a model
    says so with `platform_only`. Only the owner migrates.
    """

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str:
        return _alias(model)

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str:
        return _alias(model)

    def allow_relation(self, _one: models.Model, _other: models.Model, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool:
        return db == "owner"


def _alias(model: type[models.Model]) -> str:
    is_platform_only = getattr(model, "platform_only", False) or model._meta.app_label in OF_THE_ADMIN
    return "platform" if is_platform_only or is_cross_tenant() else "default"
