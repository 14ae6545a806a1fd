"""Generated requests over HTTP: none is a fault of the server, every refusal is a SCIM error, and what is stored agrees
with its index rows, counters, changes and events at the end.
"""

import json
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any, TypeAlias

from django.core.handlers.wsgi import WSGIHandler

from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.protocol.errors import STATUS_BY_TYPE, ScimType
from scim.protocol.schemas import BUILT_IN
from scim.services.request_log import flush_requests
from scim.store.index import index_rows
from scim.store.pipeline import pipelined_scope
from tests.conformance.hostile import Drawn
from tests.scim.answers import create_group
from tests.scim.conftest import MEDIA_TYPE, Provider

Draw: TypeAlias = Callable[[Random, list[str]], Drawn]
LIVE = "SELECT id, resource_type, document, version FROM scim_resource WHERE tenant_id = %s AND deleted_at IS NULL"
INDEX = "SELECT resource_id, path, value FROM scim_resource_index WHERE tenant_id = %s"
COUNTS = "SELECT resource_type, sum(live)::int FROM scim_counter WHERE tenant_id = %s GROUP BY 1"
CHANGES = "SELECT resource_id, version, after, request_id FROM scim_change WHERE tenant_id = %s ORDER BY version"
EVENTS = """
SELECT target_id, request_id, outcome FROM audit_event WHERE tenant_id = %s AND action ~ '^scim[.](user|group)[.]'
"""


class Wire:
    """The application as a web server calls it."""

    def __init__(self, provider: Provider) -> None:
        self._handler, self._token = WSGIHandler(), f"Bearer {provider.issued.text}"
        self.written: set[str] = set()  # ids of the requests that wrote

    def send(self, drawn: Drawn) -> None:
        """Send it, and look at the answer."""
        environ = {
            "REQUEST_METHOD": drawn.method,
            "PATH_INFO": f"/scim/v2{drawn.path}",
            "QUERY_STRING": drawn.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "HTTP_AUTHORIZATION": self._token,
            "CONTENT_TYPE": drawn.media_type,
            "wsgi.input": BytesIO(drawn.body),
            "CONTENT_LENGTH": str(len(drawn.body)),
            "wsgi.errors": BytesIO(),
            **drawn.headers,
        }
        told: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            told.extend((status, dict(headers)))
            return bytes

        answer = self._handler(environ, start)
        body = b"".join(answer)
        answer.close()
        status, headers = int(told[0].split()[0]), told[1]
        assert status < 500 or status == 501, (drawn, body)
        if status >= 400:
            check_error(drawn, status, headers, body)
        elif has_written(drawn, body):
            self.written.add(headers["X-Request-Id"])


def has_written(drawn: Drawn, body: bytes) -> bool:
    """Whether a request that was served may have written: no search, and of a Bulk one operation at least."""
    path = drawn.path.rstrip("/").lower()
    if drawn.method in {"GET", "HEAD", "OPTIONS", "get"} or path.endswith("/.search"):
        return False
    if path == "/bulk":
        return any(int(result["status"]) < 300 for result in json.loads(body)["Operations"])
    return True


def check_error(drawn: Drawn, status: int, headers: dict[str, str], body: bytes) -> None:
    """A refusal is a SCIM error (RFC 7644 section 3.12)."""
    assert headers["Content-Type"] == MEDIA_TYPE, drawn
    if drawn.method == "HEAD":
        return
    error = json.loads(body)
    assert (error["schemas"], error["status"]) == ([urns.ERROR], str(status)), drawn
    assert error["detail"], drawn
    if "scimType" in error:
        assert STATUS_BY_TYPE[ScimType(error["scimType"])] == status, (drawn, error)


def check_agreement(provider: Provider, written: set[str]) -> None:
    """Documents, index rows, counters, changes and events tell the same."""
    with tenant_context(provider.tenant_id), pipelined_scope() as scope:
        live, index, counts, changes, events = (
            scope.execute(statement, [provider.tenant_id]).fetchall()
            for statement in (LIVE, INDEX, COUNTS, CHANGES, EVENTS)
        )
    types = {known.name: known for known in BUILT_IN.resource_types}
    documents = {row[0]: (types[row[1]], json.loads(row[2])) for row in live}
    wanted = {(found, *row) for found, (kind, document) in documents.items() for row in index_rows(kind, document)}
    assert set(index) == wanted
    assert {name: number for name, number in counts if number} == dict(Counter(row[1] for row in live))
    newest = {resource_id: (version, after) for resource_id, version, after, _ in changes}
    assert all((version, document) == newest[found] for found, _, document, version in live)
    assert Counter(str(row[0]) for row in changes) == Counter(target for target, _, told in events if told == "done")
    assert len(changes) == sum(version for version, _ in newest.values())
    assert {request_id for _, request_id, _ in events} == written


def check_many(provider: Provider, draw_one: Draw, number: int, seed: int) -> None:
    """Send so many drawn requests to a directory of 20 people and 8 groups, then compare what is stored."""
    wire, draw = Wire(provider), Random(seed)
    users = [provider.create(f"user{n}", emails=[{"value": f"u{n}@x.test", "type": "work"}])["id"] for n in range(20)]
    groups = [create_group(provider, f"group{n}", *draw.sample(users, 3))["id"] for n in range(8)]
    with tenant_context(provider.tenant_id), pipelined_scope() as scope:
        wire.written = {row[1] for row in scope.execute(EVENTS, [provider.tenant_id]).fetchall()}
    for count in range(number):
        wire.send(draw_one(draw, [*users, *groups]))
        if count % 1000 == 0:
            flush_requests()
    check_agreement(provider, wire.written)
