"""Statements of one transaction that travel together: nothing is sent before an answer is wanted.

It is libpq's pipeline, without what psycopg's own does for every statement: a cursor, a flush and a look for answers
cost more CPU than many a statement costs PostgreSQL (docs/adr/0018). Values are adapted by psycopg, and what is
prepared is kept in its books, since it is it that forgets everything when a transaction is rolled back. Those books
have no public door: tests/store/test_pipeline_statements.py holds what is relied on.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
from psycopg._preparing import Key, Prepare
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

Params: TypeAlias = Sequence[Any] | Mapping[str, Any] | None
Entry: TypeAlias = tuple[Key, Prepare, bytes]  # of the books of prepared statements

# What a prepared statement fails with when its table has changed, or when a pooler has thrown it away.
OUTDATED = (FeatureNotSupported, InvalidSqlStatementName)


class Reply:
    """Rows of a statement that may still be under way: asking for them before the scope has closed costs a round
    trip.
    """

    __slots__ = ("_error", "_pipeline", "_result", "_rows", "entry")

    def __init__(self, pipeline: "Pipeline", entry: Entry | None = None) -> None:
        self._pipeline, self.entry = pipeline, entry  # in the books, where it is a new one
        self._result: PGresult | None = None
        self._error: psycopg.Error | None = None
        self._rows: Iterator[tuple[Any, ...]] | None = None

    @property
    def has_arrived(self) -> bool:
        return self._result is not None or self._error is not None

    def settle(self, result: PGresult, error: psycopg.Error | None) -> None:
        """For the pipeline: what came back."""
        self._result, self._error = result, error

    def fetchone(self) -> Any:
        """The next row, None behind the last one. Raises psycopg's error of the transaction."""
        return next(self._read(), None)

    def fetchall(self) -> list[Any]:
        """All rows that are left. Raises as fetchone does."""
        return list(self._read())

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._read()

    def _read(self) -> Iterator[tuple[Any, ...]]:
        if self._rows is None:
            self._rows = iter(self._pipeline.load(self))
        return self._rows

    def take(self) -> PGresult:
        """For the pipeline: the result, once. Raises the error instead where there is one."""
        result, self._result = self._result, None
        if self._error is not None:
            raise self._error
        if result is None:
            raise psycopg.InterfaceError("the answer was never received")
        return result


class Pipeline:
    """What one connection sends ahead. A transaction at a time."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw, self._pgconn = raw, raw.pgconn
        self._prepared = raw._prepared  # noqa: SLF001  # no public door, see above
        self._transformer = Transformer(raw)
        self._pending: deque[Reply | None] = deque()  # None stands for a preparation
        self._error: psycopg.Error | None = None
        self._is_synced = True

    @property
    def is_open(self) -> bool:
        """Whether a transaction is under way here: nobody else may use the connection then."""
        return not self._is_synced

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN, what is executed inside, and COMMIT; ROLLBACK when the block raises or the database refuses."""
        with self._opened():
            self._control(b"BEGIN")
            try:
                yield
            except BaseException:
                self._control(b"ROLLBACK")
                raise
            self._control(b"COMMIT")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction without BEGIN and COMMIT: PostgreSQL takes what is sent up to the end of a pipeline as one. It
        is committed even when the block raises, so it is for what only reads.
        """
        with self._opened():
            yield

    def execute(self, statement: str, params: Params) -> Reply:
        """Queue a statement. What comes back is binary: ids and times need not be read from text."""
        query = PostgresQuery(self._transformer)
        query.convert(statement, params)
        prepare, name = self._prepared.get(query)
        if prepare is Prepare.NO:
            self._pgconn.send_query_params(
                query.query,
                query.params,
                param_types=query.types,
                param_formats=query.formats,
                result_format=Format.BINARY,
            )
        else:
            if prepare is Prepare.SHOULD:
                self._pgconn.send_prepare(name, query.query, param_types=query.types)
                self._pending.append(None)
            self._pgconn.send_query_prepared(
                name, query.params, param_formats=query.formats, result_format=Format.BINARY
            )
        key = self._prepared.maybe_add_to_cache(query, prepare, name)
        reply = Reply(self, None if key is None else (key, prepare, name))
        self._pending.append(reply)
        return reply

    def load(self, reply: Reply) -> Sequence[tuple[Any, ...]]:
        """The rows of a reply, received first where they have to be."""
        if not reply.has_arrived:
            self._pgconn.send_flush_request()
            self._raw.wait(self._receive())
        result = reply.take()
        self._transformer.set_pgresult(result)
        rows = self._transformer.load_rows(0, result.ntuples, tuple)
        self._transformer.set_pgresult(None)  # it may be large
        return rows

    @contextmanager
    def _opened(self) -> Iterator[None]:
        self._pgconn.enter_pipeline_mode()
        self._error, self._is_synced = None, False
        try:
            self._give_back()
            yield
        except BaseException:
            with suppress(psycopg.Error):  # the first error is the one to tell of
                self._close()
            raise
        else:
            self._close()
        finally:
            self._is_synced = True
            self._pending.clear()
        if self._error is not None:
            raise self._error

    def _close(self) -> None:
        """End the pipeline and take in what is outstanding; what the server left open is rolled back."""
        try:
            self._sync()
            if self._pgconn.transaction_status != TransactionStatus.IDLE:
                # Not by psycopg, who would forget all prepared statements for it.
                self._control(b"ROLLBACK")
                self._sync()
        finally:
            if self._pgconn.status != ConnStatus.BAD:  # a broken connection is left to Django to replace
                self._pgconn.exit_pipeline_mode()

    def _sync(self) -> None:
        self._is_synced = False
        self._pgconn.pipeline_sync()
        self._raw.wait(self._receive(to_end=True))

    def _receive(self, *, to_end: bool = False) -> Any:
        """Psycopg generator: send what is queued, then receive the answers to all of it, or up to the end."""
        yield from send(self._pgconn)
        while not self._is_synced if to_end else self._pending:
            results = yield from fetch_many(self._pgconn)
            if not results:
                raise psycopg.InterfaceError("the server left a statement without an answer")
            self._settle(results[0])

    def _settle(self, result: PGresult) -> None:
        if result.status == ExecStatus.PIPELINE_SYNC:
            self._is_synced = True
            return
        if result.status == ExecStatus.FATAL_ERROR and self._error is None:
            self._error = error_from_result(result, encoding=self._transformer.encoding)
            if isinstance(self._error, OUTDATED):
                self._prepared.clear()
        # Of a refusal to commit nobody waits for the answer.
        reply = self._pending.popleft() if self._pending else None
        if reply is not None:
            reply.settle(result, self._error)
            if reply.entry is not None:
                self._prepared.validate(*reply.entry, [result])
        elif result.status != ExecStatus.COMMAND_OK:
            self._prepared.clear()  # what was to be prepared behind an error never came to be

    def _give_back(self) -> None:
        """Let PostgreSQL forget the prepared statements that psycopg's books have crossed out."""
        crossed_out = self._prepared._to_flush  # noqa: SLF001  # no public door, see above
        while crossed_out:
            name = crossed_out.popleft()
            if name is None:
                self._control(b"DEALLOCATE ALL")
            else:
                self._pgconn.send_close_prepared(name)
                self._pending.append(Reply(self))

    def _control(self, statement: bytes) -> None:
        """Queue one without parameters past the books: they would forget everything for a ROLLBACK."""
        self._pgconn.send_query_params(statement, None)
        self._pending.append(Reply(self))
