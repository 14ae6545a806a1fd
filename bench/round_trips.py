"""Round trips of a connection, counted on the socket: how often it waits for the server before it goes on."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import connections

# libpq's trace of a connection: a message of the client (F) or the server (B). An answer ends a round trip.
MESSAGE: Final = re.compile(r"^([FB])\t\d+\t", re.MULTILINE)
WITHOUT_TIMES: Final = 1


@dataclass
class RoundTrips:
    """What was sent and answered, as libpq tells it, complete once the counting has ended."""

    told: str = ""

    @property
    def number(self) -> int:
        return "".join(MESSAGE.findall(self.told)).count("FB")


@contextmanager
def count_round_trips() -> Iterator[RoundTrips]:
    """Counts those of the serving connection, with BEGIN, set_config and COMMIT."""
    connection, counted = connections["default"], RoundTrips()
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as trace:
        pgconn.trace(trace.fileno())
        pgconn.set_trace_flags(WITHOUT_TIMES)
        try:
            yield counted
        finally:
            pgconn.untrace()
        trace.seek(0)
        counted.told = trace.read()
