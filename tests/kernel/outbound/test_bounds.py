"""Time and size: a target decides neither how long we wait nor how much we hold."""

import gzip
import socket
import threading
import time
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from labsninja.kernel.outbound import (
    OutboundClient,
    OutboundFailedError,
    OutboundPolicy,
    OutboundTimeoutError,
    OutboundTooLargeError,
    send_request,
)

MIB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\n"
PATIENCE = 3.0  # seconds: far above the deadlines here, far below what the listeners would take


@pytest.fixture
def hasty(local: OutboundPolicy) -> OutboundPolicy:
    """Half a second for everything."""
    return replace(local, connect_seconds=0.3, total_seconds=0.5)


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _drip(connection: socket.socket, first: bytes, piece: bytes) -> None:
    connection.recv(65536)
    connection.sendall(first)
    for _ in range(100):
        connection.sendall(piece)
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b"H"),
        (OK, b"X-Pad: 1\r\n"),
        (OK + b"Content-Length: 100\r\n\r\n", b"x"),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["status line", "headers", "body", "early hints", "chunks"],
)
def test_slow_drip_ends_at_the_total_deadline(first: bytes, piece: bytes, listen: Any, hasty: OutboundPolicy) -> None:
    port = listen(lambda connection: _drip(connection, first, piece)).port
    assert _seconds_to_time_out(port, hasty) < PATIENCE


def test_target_that_never_answers_ends_at_the_total_deadline(listen: Any, hasty: OutboundPolicy) -> None:
    assert 0.45 < _seconds_to_time_out(listen(_say_nothing).port, hasty) < PATIENCE


def test_target_that_never_reads_ends_at_the_total_deadline(listen: Any, hasty: OutboundPolicy) -> None:
    port = listen(lambda _connection: time.sleep(1)).port
    assert _seconds_to_time_out(port, hasty, method="POST", content=b"x" * (20 * MIB)) < PATIENCE


def test_tls_handshake_that_never_ends_stops_at_the_connect_deadline(listen: Any, hasty: OutboundPolicy) -> None:
    port, policy = listen(_say_nothing).port, replace(hasty, total_seconds=10)
    started = time.monotonic()
    with pytest.raises(OutboundTimeoutError) as caught:
        send_request(method="GET", url=f"https://127.0.0.1:{port}/", policy=policy)
    assert time.monotonic() - started < PATIENCE
    assert caught.value.sent is False


def test_resolver_that_never_answers_stops_at_the_connect_deadline(hasty: OutboundPolicy) -> None:
    done = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        done.wait(5)
        return []

    started = time.monotonic()
    with pytest.raises(OutboundTimeoutError, match="resolving"):
        send_request(method="GET", url="https://a.example/", policy=replace(hasty, total_seconds=10), resolve=resolve)
    done.set()
    assert time.monotonic() - started < PATIENCE


def test_name_that_does_not_resolve_has_failed(hasty: OutboundPolicy) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(OutboundFailedError, match="does not resolve"):
        send_request(method="GET", url="https://target.example/", policy=hasty, resolve=resolve)


def test_deadline_of_a_kept_connection_is_its_own(listen: Any, local: OutboundPolicy) -> None:
    def answer(connection: socket.socket) -> None:
        for _ in range(2):
            connection.recv(65536)
            time.sleep(0.8)
            connection.sendall(OK + b"Content-Length: 0\r\n\r\n")

    listener = listen(answer)
    with OutboundClient(policy=replace(local, total_seconds=1.5)) as client:
        statuses = [client.send(method="GET", url=f"http://127.0.0.1:{listener.port}/").status for _ in range(2)]
    assert (statuses, listener.accepted) == ([200, 200], 1)


def _seconds_to_time_out(port: int, policy: OutboundPolicy, **options: Any) -> float:
    started = time.monotonic()
    with pytest.raises(OutboundTimeoutError):
        send_request(**{"method": "GET", "url": f"http://127.0.0.1:{port}/", "policy": policy, **options})
    return time.monotonic() - started


@pytest.mark.parametrize("size", [0, 1, MIB])
def test_answer_up_to_the_bound_is_read(size: int, listen: Any, reply: Any, local: OutboundPolicy) -> None:
    assert len(_get(listen(reply(OK + _length(b"x" * size))).port, local)) == size


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 1048577\r\n\r\n",
        OK + b"\r\n" + b"x" * (MIB + 1),
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"x" * 65536 + b"\r\n" + b"100001\r\n" + b"x" * MIB,
    ],
    ids=["announced", "until close", "chunked"],
)
def test_answer_beyond_the_bound_is_too_large(answer: bytes, listen: Any, reply: Any, local: OutboundPolicy) -> None:
    with pytest.raises(OutboundTooLargeError) as caught:
        _get(listen(reply(answer)).port, local)
    assert caught.value.sent is True


def test_header_block_without_end_has_failed(listen: Any, local: OutboundPolicy) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK)
        while True:
            connection.sendall(b"X-Pad: " + b"x" * 1000 + b"\r\n")

    with pytest.raises(OutboundFailedError):
        _get(listen(answer).port, local)


def test_gzip_is_decoded(listen: Any, reply: Any, local: OutboundPolicy) -> None:
    answer = OK + b"Content-Encoding: gzip\r\n" + _length(gzip.compress(b"hello" * 1000))
    assert _get(listen(reply(answer)).port, local) == b"hello" * 1000


def test_gzip_bomb_is_too_large_and_is_never_unpacked(listen: Any, reply: Any, local: OutboundPolicy) -> None:
    bomb = gzip.compress(bytes(100 * MIB))
    port = listen(reply(OK + b"Content-Encoding: gzip\r\n" + _length(bomb))).port
    tracemalloc.start()
    with pytest.raises(OutboundTooLargeError, match="decompressed"):
        _get(port, local)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(bomb) < MIB
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"br", b"x"),
        (b"gzip, gzip", gzip.compress(gzip.compress(b"x"))),
        (b"gzip", b"plain"),
        (b"deflate", b"x"),
        (b"gzip", gzip.compress(b"x" * 999)[:-4]),
        (b"gzip", gzip.compress(b"x") + gzip.compress(b"y")),
    ],
    ids=["br", "gzip twice", "plain", "deflate", "cut", "two members"],
)
def test_encoding_that_was_not_asked_for_or_is_broken_has_failed(
    encoding: bytes, body: bytes, listen: Any, reply: Any, local: OutboundPolicy
) -> None:
    with pytest.raises(OutboundFailedError):
        _get(listen(reply(OK + b"Content-Encoding: " + encoding + b"\r\n" + _length(body))).port, local)


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def _get(port: int, policy: OutboundPolicy) -> bytes:
    return send_request(method="GET", url=f"http://127.0.0.1:{port}/", policy=policy).body
