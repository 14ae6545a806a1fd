"""A SCIM target on loopback with whatever quirks a test wants. Its resources and the log of its calls can be read.

with serving(Quirks(lost=0.05)) as target:
    ...  # send to target.url with target.quirks.token
    assert target.names == {"ada"} and target.count("POST") == 1
"""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from tests.sync.quirk_directory import QuirkDirectory, Reply
from tests.sync.quirks import Call, Fate, Quirks, error_body

BASE = "/scim/v2"


class QuirkServer:
    """The running target: `users` and `groups` by their ids, `calls` in the order in which they were done."""

    def __init__(self, quirks: Quirks) -> None:
        self.quirks, self.fate, self.directory = quirks, Fate(quirks), QuirkDirectory(quirks)
        self.calls: list[Call] = []
        self.url = ""

    @property
    def users(self) -> dict[str, dict[str, Any]]:
        return self.directory.resources["Users"]

    @property
    def groups(self) -> dict[str, dict[str, Any]]:
        return self.directory.resources["Groups"]

    @property
    def names(self) -> list[str]:
        """User names, sorted; a duplicate is there twice."""
        return sorted(str(user["userName"]) for user in self.users.values())

    def count(self, method: str, status: int | None = None) -> int:
        """How many calls there were of a method."""
        return sum(call.method == method and status in {None, call.status} for call in self.calls)

    def _is_stale(self, place: str, etag: str | None) -> bool:
        return bool(etag) and etag != self.directory.etag(place.rpartition("/")[2])

    def reply(self, method: str, place: str, content: bytes, headers: Mapping[str, str]) -> tuple[Reply, bool]:
        """The reply to one request, and whether it reaches the client."""
        token = headers.get("authorization", "")
        number, key = self.fate.number(), f"{method} {place} {content.decode('utf-8', 'replace')}"
        if self.quirks.delay:
            time.sleep(self.quirks.delay)
        body = orjson.loads(content) if content else None
        if number in self.quirks.hangups:
            self.calls.append(Call(number, method, place, body, 0, answered=False, at=time.time()))
            return (0, {}, None), False
        reply = self.fate.refuse(number, key, token)
        if reply is None and self.quirks.read_only and method != "GET":
            reply = 403, {}, error_body(403, "This key may read")
        if reply is None and self.quirks.only_json and headers.get("content-type") == "application/scim+json":
            reply = 415, {}, error_body(415, "Unsupported media type")
        if reply is None and self._is_stale(place, headers.get("if-match")):
            reply = 412, {}, error_body(412, "Somebody else has changed it")
        if reply is None:
            parts = urlsplit(place.removeprefix(BASE))
            reply = self.directory.answer(method, unquote(parts.path), parts.query, body)
        is_written = method != "GET" and reply[0] < 300
        is_lost = is_written and self.fate.strikes("lost", self.quirks.lost, key)
        self.calls.append(Call(number, method, place, body, reply[0], not is_lost, time.time()))
        return reply, not is_lost


@contextmanager
def serving(quirks: Quirks | None = None) -> Iterator[QuirkServer]:
    """Listens while the block runs."""
    server = QuirkServer(quirks or Quirks())
    listener = _Listener(("127.0.0.1", 0), _make_handler(server))
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{listener.server_address[1]}{BASE}"
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is what tests do."""


def _make_handler(server: QuirkServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = {name.lower(): value for name, value in self.headers.items()}
            (status, headers, body), is_answered = server.reply(self.command, self.path, content, asked)
            if not is_answered:
                self.close_connection = True
                return
            sent = b"" if body is None else orjson.dumps(body)
            lines = {"content-type": server.quirks.content_type, "content-length": str(len(sent)), **headers}
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            self.wfile.write(f"HTTP/1.1 {status} Quirk\r\n{head}\r\n".encode() + sent)  # in one piece: no delayed ACK

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # the library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Nothing to the terminal."""

    return Handler
