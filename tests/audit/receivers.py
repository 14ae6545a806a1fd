"""Receivers on loopback that do with what they are sent whatever a test wants."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: httpx.Headers
    body: bytes

    @property
    def ids(self) -> list[str]:
        """Ids of the events of a CloudEvents batch."""
        return [event["id"] for event in json.loads(self.body)]


@dataclass
class Receiver:
    """`answers` are taken one after the other: a status, headers, or what breaks the connection; then 204 for ever."""

    answers: list[Any] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    url: str = ""

    @property
    def ids(self) -> list[str]:
        """Ids of everything that arrived, in its order, twice what came twice."""
        return [found for request in self.received for found in request.ids]


class Hangup(Exception):  # noqa: N818  # what a receiver does, no error of ours
    """The receiver dies with the whole message read and no answer sent."""


@contextmanager
def receiving(receiver: Receiver, *, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Listens while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append(Received(self.path, httpx.Headers(dict(self.headers)), body))
            answer = receiver.answers.pop(0) if receiver.answers else 204
            if callable(answer):
                answer = answer()
            if answer is Hangup:
                self.close_connection = True
                return
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in {"content-length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Nothing to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    place = "https://localhost" if tls else "http://127.0.0.1"
    receiver.url = f"{place}:{server.server_address[1]}/hook?key=secret"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
