"""The pipelined scope is a transaction of one tenant like any other, whatever goes wrong in it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction

from labsninja.kernel.isolation import (
    ForeignTransactionError,
    NoTenantBoundError,
    OtherTenantBoundError,
    OutsideScopeError,
    Scope,
    bind_tenant,
    context,
    current_scope,
    tenant_context,
    tenant_scope,
)
from scim.store.pipeline import pipelined_scope, reading_scope
from scim.store.resources import StoredResource, get_resource
from scim.store.schemas import OutdatedSchemasError, raise_revision
from tests.store.people import count_left, count_live, insert_person, insert_person_of

SETTING = "SELECT coalesce(current_setting('app.tenant_id', true), '')"
KILL = "SELECT pg_terminate_backend(%s, 10000)"
Opener = Callable[[], AbstractContextManager[Scope]]


def _setting_left() -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute(SETTING)
        return str(cursor.fetchone()[0])


def _kill_connection() -> None:
    """End the server's side of the serving connection: a role may end its own."""
    victim, killer = connections["default"], connections["default"].copy()
    victim.ensure_connection()
    killer.ensure_connection()
    assert killer.connection.execute(KILL, [victim.connection.info.backend_pid]).fetchone() == (True,)
    killer.close()


def _insert_people(*user_names: str) -> None:
    for user_name in user_names:
        insert_person(user_name)


def _rename(scope: Scope, person: StoredResource, user_name: str) -> None:
    scope.execute("UPDATE scim_resource SET user_name = %s WHERE id = %s", [user_name, person.id])


def _insert_and_fail(user_name: str) -> None:
    insert_person(user_name)
    _ = 1 / 0


def _insert_and_swallow(scope: Scope, user_name: str) -> None:
    insert_person(user_name)
    with pytest.raises(psycopg.errors.DivisionByZero):
        scope.execute("SELECT 1 / 0", None).fetchone()


def _insert_around_a_break(before: str, after: str) -> None:
    insert_person(before)
    assert count_live() == 1
    _kill_connection()
    insert_person(after)


def _insert_within(inner: Opener, outer: Scope) -> None:
    with inner() as joined:
        assert joined is outer
        insert_person("ada")
    _ = 1 / 0


def test_closed_scope_has_committed_all_of_it(tenant: UUID) -> None:
    with pipelined_scope():
        insert_person("ada")
    connections["default"].close()
    assert count_left() == (1, 1, 1)


def test_scope_runs_as_the_tenant_and_leaves_no_setting_behind(tenant: UUID) -> None:
    with pipelined_scope() as scope:
        answer = scope.execute(SETTING, None)
    assert answer.fetchone() == (str(tenant),)
    assert _setting_left() == ""


def test_reading_scope_runs_as_the_tenant_and_leaves_no_setting_behind(tenant: UUID) -> None:
    with reading_scope(revision=0) as scope:
        answer = scope.execute(SETTING, None)
    assert answer.fetchone() == (str(tenant),)
    assert _setting_left() == ""


@pytest.mark.parametrize("by_keys", [False, True])
def test_settings_of_a_scope_end_with_it(tenant: UUID, by_keys: bool) -> None:
    with reading_scope(revision=0, by_keys=by_keys):
        pass
    with pipelined_scope(by_keys=by_keys):
        insert_person("ada")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('plan_cache_mode'), current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("auto", "off")


def test_reading_scope_lets_nothing_be_written(tenant: UUID) -> None:
    with pytest.raises(DatabaseError, match="read-only transaction"), reading_scope(revision=0):
        insert_person("ada")
    assert count_left() == (0, 0, 0)


def test_reading_scope_of_another_revision_fails(tenant: UUID) -> None:
    with pipelined_scope():
        raise_revision()
    with pytest.raises(OutdatedSchemasError), reading_scope(revision=0):
        pass
    with reading_scope(revision=1):
        pass
    with pytest.raises(OutdatedSchemasError), pipelined_scope(), reading_scope(revision=0):
        pass


def test_revision_is_that_of_the_own_tenant(make_tenant: Callable[[], UUID]) -> None:
    with tenant_context(make_tenant()), pipelined_scope():
        raise_revision()
    with tenant_context(make_tenant()), reading_scope(revision=0):
        pass


def test_exception_in_a_reading_scope_leaves_the_connection_well(tenant: UUID) -> None:
    insert_person_of(tenant, "ada")
    with pytest.raises(ZeroDivisionError), reading_scope(revision=0):
        _ = count_live() / 0
    with reading_scope(revision=0):
        assert count_live() == 1


def test_policy_holds_within_the_scope(tenant: UUID, make_tenant: Callable[[], UUID]) -> None:
    insert_person_of(make_tenant(), "eve")
    insert_person_of(tenant, "ada")
    with pipelined_scope() as scope:
        answer = scope.execute("SELECT user_name FROM scim_resource", None)
    assert answer.fetchall() == [("ada",)]


def test_violation_in_the_middle_leaves_nothing(tenant: UUID) -> None:
    with pytest.raises(IntegrityError, match="scim_resource_user_name_unique"), pipelined_scope():
        _insert_people("ada", "ada", "bob")
    assert count_left() == (0, 0, 0)
    assert _setting_left() == ""


def test_violation_by_the_last_statement_leaves_nothing(tenant: UUID) -> None:
    insert_person_of(tenant, "ada")
    with pytest.raises(IntegrityError), pipelined_scope() as scope:
        _rename(scope, insert_person("bob"), "ada")
    assert count_left() == (1, 1, 1)


def test_exception_in_the_middle_leaves_nothing(tenant: UUID) -> None:
    with pytest.raises(ZeroDivisionError), pipelined_scope():
        _insert_and_fail("ada")
    assert count_left() == (0, 0, 0)
    assert _setting_left() == ""
    with pytest.raises(OutsideScopeError):
        current_scope()


def test_scope_after_one_that_failed_works(tenant: UUID) -> None:
    with pytest.raises(DatabaseError), pipelined_scope() as scope:
        scope.execute("SELECT 1 / 0", None)
    with pipelined_scope():
        insert_person("ada")
    assert count_left() == (1, 1, 1)


def test_error_that_is_swallowed_inside_is_raised_at_the_end(tenant: UUID) -> None:
    with pytest.raises(DatabaseError), pipelined_scope() as scope:
        _insert_and_swallow(scope, "ada")
    assert count_left() == (0, 0, 0)


def test_fetching_inside_sees_what_was_written_before(tenant: UUID) -> None:
    with pipelined_scope():
        insert_person("ada")
        assert count_live() == 1
        insert_person("bob")
    assert count_left() == (2, 2, 2)


def test_answer_is_read_after_the_scope_has_closed(tenant: UUID) -> None:
    stored = insert_person_of(tenant, "ada")
    with pipelined_scope():
        answer = get_resource(resource_type="User", resource_id=stored.id)
    assert answer.first() == stored


def test_connection_that_broke_between_scopes_is_replaced_before_anybody_notices(tenant: UUID) -> None:
    with pipelined_scope():
        insert_person("ada")
    _kill_connection()
    with pipelined_scope():
        insert_person("bob")
    assert count_left() == (2, 2, 2)


def test_connection_that_is_well_is_kept(tenant: UUID) -> None:
    pids = set()
    for name in ("ada", "bob"):
        with pipelined_scope():
            insert_person(name)
        pids.add(connections["default"].connection.info.backend_pid)
    assert len(pids) == 1


def test_connection_that_breaks_within_a_scope_leaves_nothing_and_is_replaced(tenant: UUID) -> None:
    with pytest.raises(OperationalError), pipelined_scope():
        _insert_around_a_break("ada", "bob")
    connections["default"].close_if_unusable_or_obsolete()
    assert count_left() == (0, 0, 0)


@pytest.mark.parametrize("outer", [pipelined_scope, tenant_scope])
@pytest.mark.parametrize("inner", [pipelined_scope, tenant_scope])
def test_scope_within_a_scope_joins_it(tenant: UUID, outer: Opener, inner: Opener) -> None:
    with pytest.raises(ZeroDivisionError), outer() as one:
        _insert_within(inner, one)
    assert count_left() == (0, 0, 0)


def test_scope_without_a_bound_tenant_is_refused(database: None) -> None:
    with pytest.raises(NoTenantBoundError), pipelined_scope():
        pass


def test_scope_inside_a_foreign_transaction_is_refused(tenant: UUID) -> None:
    with transaction.atomic(), pytest.raises(ForeignTransactionError), pipelined_scope():
        pass


def test_scope_that_outlives_its_context_admits_no_other_tenant(make_tenant: Callable[[], UUID]) -> None:
    one, other = make_tenant(), make_tenant()
    room = tenant_context(one)
    room.__enter__()
    with pipelined_scope():
        room.__exit__(None, None, None)
        bind_tenant(other)
        with pytest.raises(OtherTenantBoundError), pipelined_scope():
            pass
        context._tenant.set(None)
