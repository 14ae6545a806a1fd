"""Tenant isolation: bind a tenant, open a scope, and nothing of another tenant is in reach."""

from labsninja.kernel.isolation.context import (
    DEPLOYMENT_TENANT_ID,
    ForeignTransactionError,
    IsolationError,
    NoTenantBoundError,
    OtherTenantBoundError,
    OutsideScopeError,
    Scope,
    bind_tenant,
    cross_tenant,
    current_scope,
    current_tenant,
    register_cross_tenant_recorder,
    tenant_context,
    tenant_scope,
)

__all__ = [
    "DEPLOYMENT_TENANT_ID",
    "ForeignTransactionError",
    "IsolationError",
    "NoTenantBoundError",
    "OtherTenantBoundError",
    "OutsideScopeError",
    "Scope",
    "bind_tenant",
    "cross_tenant",
    "current_scope",
    "current_tenant",
    "register_cross_tenant_recorder",
    "tenant_context",
    "tenant_scope",
]
