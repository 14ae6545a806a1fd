"""What the pipeline leaves on its connection: which statements are prepared, and what nobody else may do meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connections

from labsninja.kernel.isolation import IsolationError, Scope
from scim.store.pipeline import pipelined_scope
from tests.store.people import count_left, insert_person, insert_person_of

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE strpos(statement, %s) > 0"


@contextmanager
def _passing_table(columns: str) -> Iterator[None]:
    """A table that is there while the block runs."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE TABLE passing ({columns})")
        cursor.execute("GRANT SELECT, INSERT ON passing TO ln_app")
    try:
        yield
    finally:
        with owner.cursor() as cursor:
            cursor.execute("DROP TABLE passing")


def _run(*statements: str) -> None:
    with pipelined_scope() as scope:
        for statement in statements:
            scope.execute(statement, None)


def _count_prepared(text: str) -> int:
    with pipelined_scope() as scope:
        found = scope.execute(PREPARED, [text])
    return int(found.fetchone()[0])


def test_statements_behind_a_failed_one_can_be_used_later(tenant: UUID) -> None:
    """They were to be prepared on the way and never were: the connection must not believe it."""
    connections["default"].close()

    def fail() -> None:
        with pipelined_scope() as scope:
            scope.execute("SELECT 1 / %s::int", [0])
            scope.execute("SELECT %s::int + 41", [1])

    for _ in range(3):
        with pytest.raises(DataError):
            fail()
    with pipelined_scope() as scope:
        cursor = scope.execute("SELECT %s::int + 41", [1])
    assert cursor.fetchone() == (42,)


def test_refused_write_leaves_statements_prepared(tenant: UUID) -> None:
    connections["default"].close()  # with what other tests had prepared
    insert_person_of(tenant, "ada")
    for name in ("bob", "eve", "kim"):
        with pipelined_scope():
            insert_person(name)
    with pytest.raises(IntegrityError), pipelined_scope():
        insert_person("ada")
    assert _count_prepared("INSERT INTO scim_resource") == 1


def _insert_and_cancel(scope: Scope, user_name: str) -> None:
    insert_person(user_name)
    scope.execute("SELECT pg_cancel_backend(pg_backend_pid())", None)
    scope.execute("SELECT pg_sleep(5)", None)


def test_cancelled_scope_leaves_nothing(tenant: UUID) -> None:
    insert_person_of(tenant, "ada")
    with pytest.raises(OperationalError), pipelined_scope() as scope:
        _insert_and_cancel(scope, "bob")
    assert count_left() == (1, 1, 1)


def test_refusal_to_commit_is_raised(tenant: UUID) -> None:
    with _passing_table("one integer UNIQUE DEFERRABLE INITIALLY DEFERRED"):
        with pytest.raises(IntegrityError):
            _run("INSERT INTO passing VALUES (1)", "INSERT INTO passing VALUES (1)")
        _run("INSERT INTO passing VALUES (1)")


def test_statement_past_the_scope_is_refused_inside_it(tenant: UUID) -> None:
    """Django's cursors would wait for answers that nobody has asked for."""
    with pytest.raises(IsolationError), pipelined_scope(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
    _run("SELECT 1")


def test_statement_whose_table_has_changed_is_prepared_anew(tenant: UUID) -> None:
    """PostgreSQL refuses it once; the next request must not meet the same refusal."""
    with _passing_table("one integer"):
        for _ in range(3):
            _run("SELECT * FROM passing")
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE passing ADD two integer")
        with pytest.raises(DatabaseError):
            _run("SELECT * FROM passing")
        _run("SELECT * FROM passing")


def test_statements_that_went_out_of_use_are_given_back(tenant: UUID) -> None:
    connections["default"].close()
    _run("SELECT 1")
    raw = connections["default"].connection
    most, raw.prepared_max = raw.prepared_max, 3
    try:
        for number in range(8):
            _run(f"SELECT {number} AS passing")
            _run(f"SELECT {number} AS passing")
        assert _count_prepared("AS passing") <= 3
    finally:
        raw.prepared_max = most
