"""One look-up, one checked address, one connection to it: DNS rebinding, TLS names, the peer."""

import itertools
import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest

from labsninja.kernel.outbound import (
    OutboundClient,
    OutboundError,
    OutboundFailedError,
    OutboundPolicy,
    OutboundRefusedError,
    build_policy,
    send_request,
)
from labsninja.kernel.outbound.connecting import dial_tcp

PUBLIC = "93.184.215.14"
ROUNDS = 1000


class World:
    """The network as a test sees it: loopback is real, the rest of the world refuses every connection."""

    def __init__(self) -> None:
        self.dialed: list[str] = []

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        self.dialed.append(address)
        if address == PUBLIC:
            raise ConnectionRefusedError("nobody there")
        return dial_tcp(address, port, seconds)


def flipping(*answers: str) -> Any:
    """A resolver whose answer changes with every query."""
    turns = itertools.cycle(answers)
    return lambda _host, _port: [next(turns)]


@pytest.mark.parametrize("answers", [(PUBLIC, "127.0.0.1"), ("127.0.0.1", PUBLIC)])
def test_name_that_flips_per_query_never_reaches_loopback(answers: tuple[str, str], listen: Any, ok: Any) -> None:
    listener, world, resolve = listen(ok), World(), flipping(*answers)
    policy = build_policy({"ports": [listener.port]})
    for _ in range(ROUNDS):
        with pytest.raises(OutboundError):
            send_request(
                method="GET",
                url=f"https://rebinding.example:{listener.port}/",
                policy=policy,
                resolve=resolve,
                dial=world.dial,
            )
    assert listener.accepted == 0
    assert world.dialed == [PUBLIC] * (ROUNDS // 2)


def test_kept_client_never_reaches_loopback_either(listen: Any, ok: Any) -> None:
    listener, world, resolve = listen(ok), World(), flipping(PUBLIC, "127.0.0.1")
    with OutboundClient(policy=build_policy({"ports": [listener.port]}), resolve=resolve, dial=world.dial) as client:
        for _ in range(100):
            with pytest.raises(OutboundError):
                client.send(method="GET", url=f"https://rebinding.example:{listener.port}/")
    assert listener.accepted == 0


def test_flipping_name_reaches_loopback_where_the_check_and_the_connection_ask_twice(listen: Any, ok: Any) -> None:
    """The control: what the guard prevents happens to a client that checks a name and then connects by name."""
    listener, world, resolve = listen(ok), World(), flipping(PUBLIC, "127.0.0.1")
    checked = resolve("rebinding.example", listener.port)
    assert checked == [PUBLIC]
    world.dial(resolve("rebinding.example", listener.port)[0], listener.port, 5).close()
    assert world.dialed == ["127.0.0.1"]


def test_one_request_asks_the_resolver_once(listen: Any, ok: Any, local: OutboundPolicy) -> None:
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    port = listen(ok).port
    send_request(method="GET", url=f"http://target.example:{port}/", policy=local, resolve=resolve)
    assert asked == [("target.example", port)]


def test_next_address_is_tried_when_the_first_is_dead(listen: Any, ok: Any, local: OutboundPolicy) -> None:
    port = listen(ok).port
    answer = send_request(
        method="GET",
        url=f"http://target.example:{port}/",
        policy=local,
        resolve=lambda _host, _port: ["::1", "127.0.0.1"],
    )
    assert answer.body == b"ok"


def test_connection_that_ends_up_elsewhere_is_refused_before_a_byte_is_sent(listen: Any, ok: Any) -> None:
    listener = listen(ok)
    with pytest.raises(OutboundRefusedError, match="another address") as caught:
        send_request(
            method="GET",
            url="https://target.example/",
            policy=build_policy({}),
            resolve=lambda _host, _port: [PUBLIC],
            dial=lambda _address, _port, seconds: dial_tcp("127.0.0.1", listener.port, seconds),
        )
    assert caught.value.sent is False


def test_tls_names_the_host_of_the_url_and_not_the_address(
    listen: Any, ok: Any, local: OutboundPolicy, authority: Any
) -> None:
    names: list[str | None] = []
    tls = authority.server("target.example")
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    assert _get_by_tls(listen(ok, tls=tls).port, replace(local, ca_file=authority.ca_file)).body == b"ok"
    assert names == ["target.example"]


def test_host_header_names_the_host_of_the_url(listen: Any, local: OutboundPolicy, authority: Any) -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    port = listen(answer, tls=authority.server("target.example")).port
    _get_by_tls(port, replace(local, ca_file=authority.ca_file))
    assert f"host: target.example:{port}\r\n".encode() in seen[0].lower()


def test_certificate_of_another_name_has_failed(listen: Any, ok: Any, local: OutboundPolicy, authority: Any) -> None:
    port = listen(ok, tls=authority.server("other.example")).port
    with pytest.raises(OutboundFailedError, match="certificate verify failed") as caught:
        _get_by_tls(port, replace(local, ca_file=authority.ca_file))
    assert caught.value.sent is False


def test_certificate_of_an_unknown_authority_has_failed(
    listen: Any, ok: Any, local: OutboundPolicy, authority: Any
) -> None:
    port = listen(ok, tls=authority.server("target.example")).port
    with pytest.raises(OutboundFailedError, match="certificate verify failed"):
        _get_by_tls(port, local)


def test_tls_below_1_2_has_failed(listen: Any, ok: Any, local: OutboundPolicy, authority: Any) -> None:
    tls = authority.server("target.example")
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1_1
    port = listen(ok, tls=tls).port
    with pytest.raises(OutboundFailedError):
        _get_by_tls(port, replace(local, ca_file=authority.ca_file))


def _get_by_tls(port: int, policy: OutboundPolicy) -> Any:
    return send_request(
        method="GET",
        url=f"https://target.example:{port}/",
        policy=policy,
        resolve=lambda _host, _port: ["127.0.0.1"],
    )
