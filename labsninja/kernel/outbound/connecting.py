"""The network below the HTTP library: connects to the checked address itself and keeps the request's deadline.

The library asks for a connection by name; the name goes on to TLS (SNI and certificate) and the Host header, while
the socket goes to the literal address that was checked. So a name that changes between two look-ups gains nothing.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpcore

from labsninja.kernel.outbound.addresses import Address, read_address
from labsninja.kernel.outbound.errors import OutboundRefusedError
from labsninja.kernel.outbound.policy import OutboundPolicy
from labsninja.kernel.outbound.resolving import Resolver, check_addresses, find_addresses

Dialer = Callable[[str, int, float], socket.socket]
ADDRESSES_TRIED = 4


@dataclass
class Exchange:
    """One request under way. Times are of the monotonic clock; `sent` turns true with the first byte written."""

    connect_until: float
    until: float
    private_only: bool
    sent: bool = False

    def seconds_to_connect(self) -> float:
        return min(self.connect_until, self.until) - time.monotonic()

    def seconds_left(self) -> float:
        return self.until - time.monotonic()


# The library reuses connections and hands its network layer no request: the thread's current one stands here.
current_exchange: ContextVar[Exchange] = ContextVar("labsninja_outbound_exchange")


def dial_tcp(address: str, port: int, seconds: float) -> socket.socket:
    """A socket connected to a literal address. Raises OSError."""
    return socket.create_connection((address, port), seconds)


class GuardedStream(httpcore.NetworkStream):
    """A connected socket whose every wait ends with the current exchange, however slowly the other side drips."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _translated(httpcore.ReadTimeout, httpcore.ReadError):
            self._sock.settimeout(_positive(current_exchange.get().seconds_left()))
            return self._sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange, rest = current_exchange.get(), memoryview(buffer)
        exchange.sent = exchange.sent or bool(rest)
        with _translated(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                self._sock.settimeout(_positive(exchange.seconds_left()))
                rest = rest[self._sock.send(rest) :]

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            with _translated(httpcore.ConnectTimeout, httpcore.ConnectError):
                self._sock.settimeout(_positive(current_exchange.get().seconds_to_connect()))
                return GuardedStream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """The two facts the connection pool asks for."""
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        return _is_readable(self._sock) if info == "is_readable" else None


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections for the pool, to checked addresses only."""

    def __init__(self, *, policy: OutboundPolicy, resolve: Resolver, dial: Dialer) -> None:
        self._policy, self._resolve, self._dial = policy, resolve, dial

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        exchange = current_exchange.get()
        seconds = exchange.seconds_to_connect()
        addresses = find_addresses(host=host, port=port, seconds=seconds, resolve=self._resolve)
        check_addresses(host=host, addresses=addresses, private_only=exchange.private_only, policy=self._policy)
        sock = self._dial_first(addresses[:ADDRESSES_TRIED], port, exchange)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return GuardedStream(sock)

    def _dial_first(self, addresses: Sequence[Address], port: int, exchange: Exchange) -> socket.socket:
        *others, last = addresses
        for position, address in enumerate(others):
            try:
                return self._dial_one(address, port, exchange.seconds_to_connect() / (len(addresses) - position))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the next address has its share of the time
        return self._dial_one(last, port, exchange.seconds_to_connect())

    def _dial_one(self, address: Address, port: int, seconds: float) -> socket.socket:
        with _translated(httpcore.ConnectTimeout, httpcore.ConnectError):
            sock = self._dial(str(address), port, _positive(seconds))
            try:
                check_peer(sock, address)
            except (OSError, OutboundRefusedError):
                sock.close()
                raise
            return sock


def check_peer(sock: socket.socket, address: Address) -> None:
    """Raises OutboundRefusedError when the socket did not end up at `address`."""
    peer = str(sock.getpeername()[0]).partition("%")[0]
    if read_address(peer) != address:
        raise OutboundRefusedError("the connection went to another address than the one checked")


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise TimeoutError("the time is up")
    return seconds


def _is_readable(sock: socket.socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def _translated(timeout: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """Errors of the socket as the HTTP library knows them."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except OSError as error:
        raise failure(str(error)) from error
