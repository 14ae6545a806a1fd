"""Sending one guarded request: bounded in time and size, without redirects, cookies, proxies or surprises."""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Self

import certifi
import httpcore

from labsninja.kernel.outbound.bodies import read_body
from labsninja.kernel.outbound.connecting import Dialer, Exchange, GuardedBackend, current_exchange, dial_tcp
from labsninja.kernel.outbound.errors import (
    OutboundError,
    OutboundFailedError,
    OutboundRefusedError,
    OutboundTimeoutError,
)
from labsninja.kernel.outbound.policy import OutboundPolicy
from labsninja.kernel.outbound.resolving import Resolver, resolve_by_system
from labsninja.kernel.outbound.targets import Target, parse_target

KEEPALIVE_SECONDS = 15.0
# They decide where a message goes or where it ends, which is ours to say.
OUR_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization"}
    | {"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)


WITH_BODY = frozenset({"PATCH", "POST", "PUT"})


@dataclass(frozen=True)
class OutboundResponse:
    """An answer, whatever its status. Header names are lower case; repeated headers are joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OutboundClient:
    """Requests of one tenant's connector: connections are kept for the next request to the same target.

    Threads may share a client; tenants and forked processes may not.
    """

    def __init__(
        self, *, policy: OutboundPolicy, resolve: Resolver = resolve_by_system, dial: Dialer = dial_tcp
    ) -> None:
        self._policy = policy
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(policy.ca_file),
            max_connections=policy.connections,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=GuardedBackend(policy=policy, resolve=resolve, dial=dial),
        )

    def send(
        self, *, method: str, url: str, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> OutboundResponse:
        """The answer to one request; a redirect is an answer like any other. Raises an OutboundError."""
        target = parse_target(url=url, policy=self._policy)
        sent_headers = _headers(target, headers or {}, method, content)
        now = time.monotonic()
        exchange = Exchange(now + self._policy.connect_seconds, now + self._policy.total_seconds, target.private_only)
        with _named_errors(target, exchange):
            return self._exchange(target, exchange, method, sent_headers, content)

    def _exchange(
        self, target: Target, exchange: Exchange, method: str, headers: list[tuple[bytes, bytes]], content: bytes
    ) -> OutboundResponse:
        url = httpcore.URL(scheme=target.url.raw_scheme, host=target.host, port=target.port, target=target.url.raw_path)
        extensions = {"timeout": {"pool": exchange.seconds_left()}}
        with self._pool.stream(method, url, headers=headers, content=content, extensions=extensions) as response:
            found = _join(response.headers)
            body = read_body(chunks=response.iter_stream(), headers=found, limit=self._policy.response_bytes)
        return OutboundResponse(response.status, found, body)

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def send_request(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    policy: OutboundPolicy,
    resolve: Resolver = resolve_by_system,
    dial: Dialer = dial_tcp,
) -> OutboundResponse:
    """One request on a connection of its own. Raises an OutboundError."""
    with OutboundClient(policy=policy, resolve=resolve, dial=dial) as client:
        return client.send(method=method, url=url, headers=headers, content=content)


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _headers(target: Target, headers: Mapping[str, str], method: str, content: bytes) -> list[tuple[bytes, bytes]]:
    ours = {"host": target.url.netloc.decode("ascii"), "user-agent": "LabsNinja", "accept-encoding": "gzip"}
    if content or method in WITH_BODY:
        ours["content-length"] = str(len(content))
    given = {name.lower(): value for name, value in headers.items()}
    if refused := sorted(OUR_HEADERS & given.keys()):
        raise OutboundRefusedError(f"the header {refused[0]} cannot be set")
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in (ours | given).items()]
    except UnicodeEncodeError:
        raise OutboundRefusedError("a header has characters that HTTP does not allow") from None


def _join(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


@contextmanager
def _named_errors(target: Target, exchange: Exchange) -> Iterator[None]:
    """Runs one exchange; whatever ends it comes out as an OutboundError that names the target."""
    token = current_exchange.set(exchange)
    place = f"{target.host}:{target.port}"
    try:
        yield
    except OutboundError as error:
        error.sent = exchange.sent
        raise
    except httpcore.TimeoutException as error:
        raise OutboundTimeoutError(f"{place}: no complete answer in time", sent=exchange.sent) from error
    except httpcore.LocalProtocolError:
        # The library's message quotes the header, which may be a credential.
        raise OutboundRefusedError("a header or the method is not what HTTP allows", sent=exchange.sent) from None
    except httpcore.ProtocolError as error:
        raise OutboundFailedError(f"{place}: no complete HTTP answer", sent=exchange.sent) from error
    except httpcore.NetworkError as error:
        raise OutboundFailedError(f"{place}: {error}", sent=exchange.sent) from error
    finally:
        current_exchange.reset(token)
