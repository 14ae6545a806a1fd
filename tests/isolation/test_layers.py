"""The layers that keep tenants apart, each with the others taken away: the managers' filter, the guard, the policy."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connections

from audit.actors import system_origin
from audit.models import AuditEvent
from labsninja.kernel.isolation import (
    IsolationError,
    NoTenantBoundError,
    OtherTenantBoundError,
    OutsideScopeError,
    bind_tenant,
    context,
    cross_tenant,
    current_scope,
    current_tenant,
    tenant_context,
    tenant_scope,
)
from scim.models import Change, Resource
from tenants.models import ClientToken, ScimClient
from tenants.queries import find_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tenants.tasks import warn_of_expiring_token
from tests.isolation.catalog import TENANT
from tests.isolation.directory import PEOPLE, populate

ANY_ROW = "SELECT count(*) FROM scim_resource"


@pytest.fixture(name="other")
def _other(make_tenant: Callable[[], UUID]) -> UUID:
    """A second tenant, with rows in every table."""
    made = make_tenant()
    with tenant_context(made):
        populate()
    return made


@contextmanager
def _scope_without_policy(tenant_id: UUID) -> Iterator[None]:
    """A scope of the tenant on the role that row-level security does not bind."""
    with cross_tenant(reason="a test of the filter alone"), tenant_context(tenant_id), tenant_scope():
        yield


@pytest.mark.parametrize("model", [ScimClient, ClientToken, Resource, Change, AuditEvent])
def test_manager_alone_reads_the_rows_of_its_tenant(tenant: UUID, other: UUID, model: Any) -> None:
    populate()
    with _scope_without_policy(tenant):
        found = {row.tenant_id for row in model.objects.all()}
        assert model.objects.filter(tenant_id=other).count() == 0
    assert found == {tenant}


def test_manager_alone_changes_no_row_of_another_tenant(tenant: UUID, other: UUID) -> None:
    with _scope_without_policy(tenant):
        assert ScimClient.objects.update(name="taken") == 0
        assert ClientToken.objects.all().update(warned_days=1) == 0


def test_related_manager_alone_reads_the_rows_of_its_tenant(tenant: UUID, other: UUID) -> None:
    with _scope_without_policy(other):
        client = ScimClient.objects.first()
        assert client.tokens.count() == 1
    with _scope_without_policy(tenant):
        assert client.tokens.count() == 0
        with pytest.raises(ScimClient.DoesNotExist):
            client.refresh_from_db()


def test_policy_alone_reads_the_rows_of_its_tenant(tenant: UUID, other: UUID) -> None:
    populate()
    with tenant_scope() as scope:
        assert scope.execute(ANY_ROW, None).fetchone() == (PEOPLE,)
        assert scope.execute("UPDATE scim_resource SET active = true", None).rowcount == PEOPLE


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tenants_scim_client (id, tenant_id, name, kind) VALUES (gen_random_uuid(), %s, 'x', 'custom')",
        "UPDATE tenants_scim_client SET tenant_id = %s",
    ],
)
def test_policy_alone_places_no_row_into_another_tenant(tenant: UUID, other: UUID, statement: str) -> None:
    with tenant_scope():
        ScimClient(name="mine").save()
    with pytest.raises(DatabaseError, match="row-level security"), tenant_scope() as scope:
        scope.execute(statement, [other])


def test_reference_to_a_row_of_another_tenant_is_refused(tenant: UUID, other: UUID) -> None:
    with tenant_context(other), tenant_scope():
        foreign = ScimClient.objects.first()
        token = ClientToken.objects.first()
    token.tenant_id, token.id, token.lookup_id, token.scim_client_id = tenant, UUID(int=1), "0" * 12, foreign.id
    with pytest.raises(IntegrityError, match="tenants_client_token_scim_client_id_fk"), tenant_scope():
        token.save(force_insert=True)


@pytest.mark.parametrize("alias", ["default", "owner"])
def test_connection_without_a_tenant_sees_no_row(other: UUID, alias: str) -> None:
    connection = connections[alias].copy()
    connection.ensure_connection()
    try:
        assert connection.connection.execute(ANY_ROW).fetchone() == (0,)
    finally:
        connection.close()


@pytest.mark.parametrize("table", sorted(TENANT))
def test_statement_on_any_tenant_table_outside_a_scope_is_refused(tenant: UUID, table: str) -> None:
    with connections["default"].cursor() as cursor, pytest.raises(OutsideScopeError):
        cursor.execute(f"SELECT FROM {table}")


def test_manager_outside_a_scope_is_refused_before_any_statement(tenant: UUID) -> None:
    with pytest.raises(OutsideScopeError):
        ScimClient.objects.all()


def test_manager_of_all_tenants_outside_a_cross_tenant_block_is_refused_before_any_statement(tenant: UUID) -> None:
    with pytest.raises(OutsideScopeError), tenant_scope():
        ScimClient.across.all()


def test_statement_on_another_connection_than_the_scope_is_refused(tenant: UUID) -> None:
    with tenant_scope(), connections["platform"].cursor() as cursor, pytest.raises(OutsideScopeError):
        cursor.execute(ANY_ROW)


def test_statement_on_the_platform_role_without_a_cross_tenant_block_is_refused(tenant: UUID) -> None:
    with connections["platform"].cursor() as cursor, pytest.raises(OutsideScopeError):
        cursor.execute(ANY_ROW)


def test_cross_tenant_block_does_not_open_the_app_role(tenant: UUID) -> None:
    with cross_tenant(reason="a test"), connections["default"].cursor() as cursor, pytest.raises(OutsideScopeError):
        cursor.execute(ANY_ROW)


def test_scope_that_outlives_its_context_admits_no_other_tenant(make_tenant: Callable[[], UUID]) -> None:
    one, other = make_tenant(), make_tenant()
    room = tenant_context(one)
    room.__enter__()
    with tenant_scope():
        room.__exit__(None, None, None)
        bind_tenant(other)
        with pytest.raises(OtherTenantBoundError), tenant_scope():
            pass
        context._tenant.set(None)


def test_scope_that_was_closed_is_open_no_more(database: None) -> None:
    with tenant_context(UUID(int=1)), tenant_scope():
        pass
    with pytest.raises(OutsideScopeError):
        current_scope()


def test_scope_inherited_by_another_thread_is_not_current_there(tenant: UUID) -> None:
    with tenant_scope(), ThreadPoolExecutor(1) as pool:
        inherited = pool.submit(copy_context().run, current_scope)
        assert isinstance(inherited.exception(), OutsideScopeError)


def test_cross_tenant_inside_a_scope_is_refused(tenant: UUID) -> None:
    with tenant_scope(), pytest.raises(IsolationError, match="inside a tenant scope"), cross_tenant(reason="a test"):
        pass


def test_cross_tenant_that_nobody_would_record_is_refused(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_recorders", [])
    with pytest.raises(IsolationError), cross_tenant(reason="a test"):
        pass


@pytest.fixture(name="ending_token")
def _ending_token(other: UUID) -> UUID:
    """A token of the other tenant of whose end a warning is due."""
    with tenant_context(other):
        client = find_scim_client(name="client 0")
        assert client is not None
        lifetime = timedelta(days=5)
        return issue_token(scim_client=client, scopes=SCOPES, origin=system_origin("test"), lifetime=lifetime).token.id


def test_task_works_for_the_tenant_it_was_given_and_leaves_none_bound(other: UUID, ending_token: UUID) -> None:
    assert warn_of_expiring_token(str(other), str(ending_token)) is True
    with pytest.raises(NoTenantBoundError):
        current_tenant()


def test_task_for_one_tenant_does_not_reach_another(make_tenant: Callable[[], UUID], ending_token: UUID) -> None:
    assert warn_of_expiring_token(str(make_tenant()), str(ending_token)) is False
