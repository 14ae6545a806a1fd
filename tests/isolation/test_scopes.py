"""Binding a tenant and opening its scope."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from uuid import UUID

import pytest
from django.db import connections, transaction

from audit.models import AuditEvent
from labsninja.kernel.isolation import (
    ForeignTransactionError,
    IsolationError,
    NoTenantBoundError,
    OtherTenantBoundError,
    OutsideScopeError,
    bind_tenant,
    cross_tenant,
    current_scope,
    tenant_context,
    tenant_scope,
)
from tenants.models import ScimClient


def _tenant_setting() -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id', true)")
        return cursor.fetchone()[0] or ""


def test_scope_without_a_bound_tenant_is_refused(database: None) -> None:
    with pytest.raises(NoTenantBoundError), tenant_scope():
        pass


def test_scope_sets_the_tenant_in_postgresql_and_leaves_nothing_behind(tenant: UUID) -> None:
    with tenant_scope():
        assert _tenant_setting() == str(tenant)
    assert _tenant_setting() == ""


def test_scope_that_fails_leaves_nothing_behind(tenant: UUID) -> None:
    with pytest.raises(ZeroDivisionError), tenant_scope():
        _ = 1 / 0
    assert _tenant_setting() == ""
    with pytest.raises(OutsideScopeError):
        current_scope()


def test_scope_inside_a_foreign_transaction_is_refused(tenant: UUID) -> None:
    with transaction.atomic(), pytest.raises(ForeignTransactionError), tenant_scope():
        pass


def test_nested_scope_of_the_same_tenant_joins_the_open_one(tenant: UUID) -> None:
    with tenant_scope() as outer, tenant_scope() as inner:
        assert inner is outer


def test_binding_another_tenant_is_refused(tenant: UUID, make_tenant: Callable[[], UUID]) -> None:
    with pytest.raises(OtherTenantBoundError):
        bind_tenant(make_tenant())


def test_context_of_another_tenant_inside_an_open_scope_is_refused(
    tenant: UUID, make_tenant: Callable[[], UUID]
) -> None:
    other = make_tenant()
    with tenant_scope(), pytest.raises(OtherTenantBoundError), tenant_context(other):
        pass


def test_context_restores_the_tenant_that_was_bound_before(tenant: UUID, make_tenant: Callable[[], UUID]) -> None:
    other = make_tenant()
    with tenant_context(other), tenant_scope() as scope:
        assert scope.tenant_id == other
    with tenant_scope() as scope:
        assert scope.tenant_id == tenant


def test_query_outside_a_scope_raises_instead_of_finding_nothing(tenant: UUID) -> None:
    with pytest.raises(OutsideScopeError):
        ScimClient.objects.count()


def test_lazy_query_evaluated_after_its_scope_raises(tenant: UUID) -> None:
    with tenant_scope():
        lazy = ScimClient.objects.all()
    with pytest.raises(OutsideScopeError):
        list(lazy)


def test_raw_statement_on_a_tenant_table_outside_a_scope_raises(tenant: UUID) -> None:
    with connections["default"].cursor() as cursor, pytest.raises(OutsideScopeError):
        cursor.execute("SELECT count(*) FROM audit_event")


def test_related_rows_and_refresh_pass_the_same_filter(tenant: UUID) -> None:
    with tenant_scope():
        client = ScimClient(name="a")
        client.save()
    with pytest.raises(OutsideScopeError):
        client.refresh_from_db()
    with pytest.raises(OutsideScopeError):
        client.save()


def test_scope_inherited_by_another_thread_is_refused_there(tenant: UUID) -> None:
    found: list[BaseException] = []

    def look() -> None:
        try:
            AuditEvent.objects.count()
        except IsolationError as error:
            found.append(error)

    with tenant_scope():
        thread = threading.Thread(target=copy_context().run, args=[look])
        thread.start()
        thread.join()
    assert [type(error) for error in found] == [OutsideScopeError]


def test_rows_of_all_tenants_need_a_cross_tenant_block(tenant: UUID) -> None:
    with pytest.raises(OutsideScopeError):
        AuditEvent.across.count()


def test_cross_tenant_sees_every_tenant_and_leaves_an_event(tenant: UUID, make_tenant: Callable[[], UUID]) -> None:
    other = make_tenant()
    with cross_tenant(reason=f"test {tenant}"):
        seen = {event.tenant_id for event in AuditEvent.across.filter(target_id__in=[str(tenant), str(other)])}
        told = AuditEvent.across.filter(action="platform.tenants.entered", canonical__contains=str(tenant)).count()
    assert seen == {tenant, other}
    assert told == 1


def test_cross_tenant_without_a_reason_is_refused(database: None) -> None:
    with pytest.raises(IsolationError), cross_tenant(reason=""):
        pass
