"""What an operation asks of PostgreSQL: round trips on the socket, and rows that it reads."""

from typing import Final

from django.db import connections
from django.test import Client

from bench.home import Customer
from bench.load import NOT_DONE
from bench.operations import Operation
from bench.round_trips import count_round_trips

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
        before = rows_read()
        with count_round_trips() as counted:
            self._send(operation)
        return {"round_trips": counted.number, "rows": rows_read() - before}

    def _send(self, operation: Operation) -> None:
        method, path, body = operation.ask()
        headers = {"Authorization": f"Bearer {self._token}", "Host": "127.0.0.1"}
        answer = Client().generic(
            method, f"/scim/v2{path}", body, content_type="application/scim+json", headers=headers
        )
        if answer.status_code >= NOT_DONE:
            raise RuntimeError(f"{operation.name}: {answer.content!r}")


def rows_read() -> int:
    """What PostgreSQL has read from tables and indexes since the beginning, catalogs left out."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    with connections["owner"].cursor() as cursor:
        cursor.execute(READ)
        return int(cursor.fetchone()[0])
