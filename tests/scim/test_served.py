"""SCIM through the real web server, a process of its own: the wire, what it remembers, a database that is away."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connections

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context, tenant_scope
from tenants.models import ClientToken, Tenant
from tenants.services.tenants import suspend_tenant
from tenants.services.tokens import revoke_token
from tests.labsninja.processes import database_url, served, wait_for
from tests.scim.conftest import MEDIA_TYPE, USER, Provider

PROMISED_SECONDS = 5.0
ADA = {"schemas": [USER], "userName": "ada@example.com"}


class Forwarder:
    """A way to the database that can be cut and mended."""

    def __init__(self, *, path: str) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = True
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break what is connected, and let nobody connect."""
        self._open = False
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self._open = True

    def close(self) -> None:
        """For good."""
        self.cut()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._open:
                    near.close()
                    continue
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._path)
                self._sockets += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def forwarder(migrated_database: None) -> Iterator[Forwarder]:
    """The server's way to PostgreSQL."""
    host = connections["default"].settings_dict["HOST"]
    made = Forwarder(path=f"{host}/.s.PGSQL.{connections['default'].settings_dict['PORT'] or 5432}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(forwarder: Forwarder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The web server; it knows nothing of the platform and owner roles."""
    url = database_url("default", HOST="127.0.0.1", PORT=forwarder.port)
    log = tmp_path_factory.mktemp("web") / "log"
    with served(log=log, DATABASE_URL=url, PLATFORM_DATABASE_URL="", OWNER_DATABASE_URL="") as client:
        yield client


def _headers(provider: Provider) -> dict[str, str]:
    return {"Authorization": f"Bearer {provider.issued.text}", "Content-Type": MEDIA_TYPE}


def _status(server: httpx.Client, provider: Provider) -> int:
    return server.get("/scim/v2/Users", headers=_headers(provider)).status_code


def test_user_lives_and_dies_over_the_wire(server: httpx.Client, provider: Provider) -> None:
    headers = _headers(provider)
    created = server.post("/scim/v2/Users", headers=headers, content=json.dumps(ADA))
    location = created.headers["Location"]
    assert (created.status_code, created.headers["Content-Type"]) == (201, MEDIA_TYPE)
    assert location == f"{server.base_url}/scim/v2/Users/{created.json()['id']}".replace("//scim", "/scim")
    assert server.get(location, headers=headers).json() == created.json()
    found = server.get("/scim/v2/Users", headers=headers, params={"filter": 'userName eq "ADA@example.com"'})
    assert found.json()["Resources"] == [created.json()]
    assert server.delete(location, headers=headers).status_code == 204
    assert server.get(location, headers=headers).status_code == 404


def test_head_has_the_headers_of_get_and_no_body(server: httpx.Client, provider: Provider) -> None:
    got, head = (server.request(method, "/scim/v2/Users", headers=_headers(provider)) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.content))


def test_body_sent_in_chunks_is_read(server: httpx.Client, provider: Provider) -> None:
    whole = json.dumps(ADA).encode()
    chunks = (whole[start : start + 10] for start in range(0, len(whole), 10))
    answer = server.post("/scim/v2/Users", headers=_headers(provider), content=chunks)
    assert (answer.status_code, answer.json().get("userName")) == (201, "ada@example.com")


def test_body_beyond_the_bound_is_a_scim_413(server: httpx.Client, provider: Provider) -> None:
    answer = server.post("/scim/v2/Users", headers=_headers(provider), content=b" " * (5 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["status"]) == (413, "413")


def test_requests_of_many_connections_are_all_answered(server: httpx.Client, provider: Provider) -> None:
    statuses: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=server.base_url) as client:
            statuses.extend(_status(client, provider) for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 80


def test_revocation_and_suspension_reach_a_process_that_remembers_the_token(
    server: httpx.Client, make_provider: Callable[[], Provider]
) -> None:
    revoked, suspended, untouched = make_provider(), make_provider(), make_provider()
    origin = system_origin("test")
    assert [_status(server, provider) for provider in (revoked, suspended, untouched)] == [200, 200, 200]
    with tenant_context(revoked.tenant_id):
        revoke_token(prefix=revoked.issued.token.prefix, origin=origin)
    with cross_tenant(reason="suspend for a test", actor=origin):
        slug = Tenant.objects.get(id=suspended.tenant_id).slug
        suspend_tenant(slug=slug, reason="unpaid", origin=origin)
    began = time.monotonic()
    wait_for(lambda: _status(server, revoked) == 401, seconds=PROMISED_SECONDS)
    wait_for(lambda: _status(server, suspended) == 403, seconds=began + PROMISED_SECONDS - time.monotonic())
    assert _status(server, untouched) == 200


def test_server_writes_the_last_use_by_itself(server: httpx.Client, provider: Provider) -> None:
    server.get("/scim/v2/Users", headers={**_headers(provider), "User-Agent": "Okta"})
    assert wait_for(lambda: _last_use(provider), seconds=5) == ("127.0.0.1", "Okta")


def test_database_that_is_away_is_a_scim_503_and_its_return_is_noticed(
    server: httpx.Client, forwarder: Forwarder, make_provider: Callable[[], Provider]
) -> None:
    known, new = make_provider(), make_provider()
    assert _status(server, known) == 200
    forwarder.cut()
    try:
        answers = [server.get("/scim/v2/Users", headers=_headers(provider)) for provider in (known, new)]
        readiness, liveness = server.get("/readyz"), server.get("/livez")
    finally:
        forwarder.mend()
    for answer in answers:
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, MEDIA_TYPE)
        assert (answer.json()["status"], int(answer.headers["Retry-After"]) > 0) == ("503", True)
    assert (readiness.status_code, readiness.json()["checks"]["database"]) == (503, "unreachable")
    assert liveness.status_code == 200
    assert [_status(server, provider) for provider in (known, new)] == [200, 200]
    assert server.get("/readyz").status_code == 200


def _last_use(provider: Provider) -> Any:
    with tenant_context(provider.tenant_id), tenant_scope():
        token = ClientToken.objects.get(id=provider.issued.token.id)
    return token.last_used_at and (token.last_used_address, token.last_used_agent)


def test_log_of_the_server_holds_no_secret(migrated_database: None, tmp_path: Path, provider: Provider) -> None:
    log = tmp_path / "log"
    with served(log=log, LABSNINJA_LOG_LEVEL="DEBUG") as client:
        client.get(f"/nothing/{provider.issued.text}", headers=_headers(provider))
        client.get(f"/scim/v2/Users/{provider.issued.text}", headers=_headers(provider))
    assert provider.issued.token.prefix in log.read_text()
    assert provider.issued.text[19:62] not in log.read_text()
