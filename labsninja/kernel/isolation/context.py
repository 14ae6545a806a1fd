"""Which tenant is bound, which scope is open: two steps, as ADR 0005 says.

Binding names the tenant and costs nothing. A scope is one short transaction in which row-level security lets that
tenant's rows through. Queries and services open scopes; no scope spans an HTTP call, a template or a response body.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django.db import connections, transaction

# The reserved tenant whose audit log holds what belongs to no tenant: unknown tokens, administrators' acts.
DEPLOYMENT_TENANT_ID = UUID("00000000-0000-7000-8000-000000000000")
SET_TENANT = "SELECT set_config('app.tenant_id', %s, true)"

Params = Sequence[Any] | Mapping[str, Any] | None


class IsolationError(Exception):
    """Base of every refusal that keeps tenants apart. It is a defect of the caller, never a user's mistake."""


class NoTenantBoundError(IsolationError):
    """Work for a tenant began before a tenant was bound."""


class OtherTenantBoundError(IsolationError):
    """A second tenant was bound or opened where one is already."""


class OutsideScopeError(IsolationError):
    """A tenant's table was touched outside a scope: zero rows would be a wrong answer."""


class ForeignTransactionError(IsolationError):
    """A scope was to open inside a transaction that is not its own."""


@dataclass(frozen=True)
class Scope:
    """An open scope. `execute` runs one statement in its transaction, whichever way that transaction travels.

    `awaited` keeps what was asked for early, under a name, until somebody later in the scope needs it.
    """

    tenant_id: UUID
    alias: str
    connection: Any
    execute: Callable[[str, Params], Any]
    awaited: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class CrossTenant:
    """A declared stay on the platform role, with the reason the audit log keeps."""

    reason: str
    actor: object


_tenant: ContextVar[UUID | None] = ContextVar("labsninja_tenant", default=None)
_scope: ContextVar[Scope | None] = ContextVar("labsninja_scope", default=None)
_cross: ContextVar[CrossTenant | None] = ContextVar("labsninja_cross_tenant", default=None)


def current_tenant() -> UUID:
    """The bound tenant. Raises NoTenantBoundError."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise NoTenantBoundError("no tenant is bound")
    return tenant_id


def bind_tenant(tenant_id: UUID) -> None:
    """Name the tenant that this request or task works for, until the enclosing tenant_context ends.

    Raises OtherTenantBoundError when another tenant is bound.
    """
    bound = _tenant.get()
    if bound is not None and bound != tenant_id:
        raise OtherTenantBoundError("another tenant is bound")
    _tenant.set(tenant_id)


@contextmanager
def tenant_context(tenant_id: UUID | None = None) -> Iterator[None]:
    """Room for one tenant: starts with `tenant_id` (or none) bound and restores on leaving what was before.

    Raises OtherTenantBoundError inside an open scope of another tenant.
    """
    scope = _scope.get()
    if scope is not None and scope.tenant_id != tenant_id:
        raise OtherTenantBoundError("a scope of another tenant is open")
    token = _tenant.set(tenant_id)
    try:
        yield
    finally:
        _tenant.reset(token)


def current_scope() -> Scope:
    """The open scope. Raises OutsideScopeError, also in a thread that merely inherited the context."""
    scope = _scope.get()
    if scope is None:
        raise OutsideScopeError("no tenant scope is open")
    if connections[scope.alias] is not scope.connection:
        raise OutsideScopeError("the open scope belongs to another thread")
    return scope


def is_scope_open(connection: Any) -> bool:
    """Whether statements on `connection` belong to an open scope."""
    scope = _scope.get()
    return scope is not None and scope.connection is connection


def active_alias() -> str:
    """Alias that tenant work uses now: `platform` inside cross_tenant, otherwise `default`."""
    return "platform" if _cross.get() else "default"


def is_cross_tenant() -> bool:
    """Whether a cross_tenant block is open."""
    return _cross.get() is not None


@contextmanager
def enter_scope(scope: Scope) -> Iterator[Scope]:
    """Mark `scope` as the open one. Only for code that has opened its transaction itself."""
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


def scope_to_join(tenant_id: UUID, alias: str) -> Scope | None:
    """The open scope if it serves `tenant_id` on `alias`, None when none is open.

    Raises OtherTenantBoundError for a scope of another tenant, ForeignTransactionError inside a foreign transaction.
    """
    scope = _scope.get()
    if scope is not None:
        if (scope.tenant_id, scope.alias) != (tenant_id, alias):
            raise OtherTenantBoundError("a scope of another tenant is open")
        return current_scope()
    if connections[alias].in_atomic_block:
        raise ForeignTransactionError("a scope needs a transaction of its own")
    return None


@contextmanager
def tenant_scope() -> Iterator[Scope]:
    """One short transaction of the bound tenant; nested for the same tenant it joins the open one.

    Raises NoTenantBoundError, OtherTenantBoundError, ForeignTransactionError.
    """
    tenant_id, alias = current_tenant(), active_alias()
    open_scope = scope_to_join(tenant_id, alias)
    if open_scope is not None:
        yield open_scope
        return
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute(SET_TENANT, [str(tenant_id)])
        with enter_scope(Scope(tenant_id, alias, connection, _executor(connection))) as scope:
            yield scope


def _executor(connection: Any) -> Callable[[str, Params], Any]:
    def execute(statement: str, params: Params) -> Any:
        cursor = connection.cursor()
        cursor.execute(statement, params)
        return cursor

    return execute


class Recorder(Protocol):
    """Writes the event of a stay."""

    def __call__(self, *, stay: CrossTenant) -> None: ...


_recorders: list[Recorder] = []


def register_cross_tenant_recorder(recorder: Recorder) -> None:
    """Name the function that writes the audit event of every cross_tenant block. The audit app calls this once."""
    _recorders[:] = [recorder]


@contextmanager
def cross_tenant(*, reason: str, actor: object = None) -> Iterator[None]:
    """A stay on the platform role, which row-level security does not bind; audited before anything else happens.

    Raises IsolationError without a reason, without a recorder, or inside an open scope.
    """
    if not reason or not _recorders:
        raise IsolationError("cross_tenant needs a reason and a recorder")
    if _scope.get() is not None:
        raise IsolationError("cross_tenant cannot open inside a tenant scope")
    stay = CrossTenant(reason, actor)
    token = _cross.set(stay)
    try:
        _recorders[0](stay=stay)
        yield
    finally:
        _cross.reset(token)
