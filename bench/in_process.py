"""What an operation asks of PostgreSQL: round trips on the socket, and rows that it reads."""

import re
import tempfile
from typing import Final

from django.db import connections
from django.test import Client

from bench.home import Customer
from bench.operations import Operation

# libpq's trace of a connection: a message of the client (F) or the server (B). An answer ends a round trip.
MESSAGE: Final = re.compile(r"^([FB])\t\d+\t", re.MULTILINE)
WITHOUT_TIMES: Final = 1
READ: Final = """
SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables) + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)
"""


class Inspector:
    """Runs operations in this process, on its own connection as `ln_app`, while nobody else works."""

    def __init__(self, customer: Customer) -> None:
        self._token = customer.token

    def inspect(self, operation: Operation) -> dict[str, int]:
        """Round trips and rows of one request, once its statements are prepared."""
        for _ in range(4):
            self._send(operation)
        before = self._rows()
        trips = self._round_trips(operation)
        return {"round_trips": trips, "rows": self._rows() - before}

    def _send(self, operation: Operation) -> None:
        method, path, body = operation.ask()
        headers = {"Authorization": f"Bearer {self._token}", "Host": "127.0.0.1"}
        answer = Client().generic(
            method, f"/scim/v2{path}", body, content_type="application/scim+json", headers=headers
        )
        if answer.status_code >= 300:  # noqa: PLR2004  # a redirect or an error
            raise RuntimeError(f"{operation.name}: {answer.content!r}")

    def _round_trips(self, operation: Operation) -> int:
        connection = connections["default"]
        connection.ensure_connection()
        pgconn = connection.connection.pgconn
        with tempfile.TemporaryFile("w+") as trace:
            pgconn.trace(trace.fileno())
            pgconn.set_trace_flags(WITHOUT_TIMES)
            try:
                self._send(operation)
            finally:
                pgconn.untrace()
            trace.seek(0)
            return "".join(MESSAGE.findall(trace.read())).count("FB")

    def _rows(self) -> int:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        with connections["owner"].cursor() as cursor:
            cursor.execute(READ)
            return int(cursor.fetchone()[0])
