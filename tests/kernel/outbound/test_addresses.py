"""The address table: what an outbound request may connect to, address by address."""

from typing import Any

import pytest

from labsninja.kernel.outbound import (
    OutboundError,
    OutboundFailedError,
    OutboundRefusedError,
    build_policy,
    find_refusal,
    send_request,
)
from labsninja.kernel.outbound.addresses import read_address

ALLOWED = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 151.101.1.69
168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0
192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255
2000::1 2001:200::1 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001:81b::200e 2003::1 2620:fe::fe
::ffff:8.8.8.8 ::ffff:93.184.215.14
"""
REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3 127.255.255.255
168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1
192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::169.254.169.254 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:20::1
2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:808:808:: 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1
fe80::1 fec0::1 ff02::1 ff0e::1
"""


@pytest.mark.parametrize("address", ALLOWED.split())
def test_public_unicast_address_is_allowed(address: str) -> None:
    assert find_refusal(read_address(address)) is None


@pytest.mark.parametrize("address", REFUSED.split())
def test_address_that_leads_inside_is_refused(address: str) -> None:
    assert find_refusal(read_address(address))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::8.8.8.8", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("2001:0:7f00:1::", "Teredo"),
        ("2001:2::1", "protocol assignment"),
        ("2002:7f00:1::", "6to4"),
        ("100.100.100.200", "shared address space"),
        ("ff0e::1", "multicast"),
        ("4000::1", "not global unicast"),
    ],
)
def test_refusal_says_what_kind_of_address_it_is(address: str, reason: str) -> None:
    assert find_refusal(read_address(address)) == reason


@pytest.mark.parametrize("address", REFUSED.split())
def test_request_to_a_name_at_a_refused_address_is_refused(address: str) -> None:
    with pytest.raises(OutboundRefusedError):
        send_request(
            method="GET",
            url="https://target.example/",
            policy=build_policy({}),
            resolve=lambda _host, _port: [address],
            dial=_never,
        )


@pytest.mark.parametrize("address", REFUSED.split())
def test_request_to_a_refused_address_itself_is_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(OutboundRefusedError):
        send_request(method="GET", url=f"https://{host}/", policy=build_policy({}), resolve=_never, dial=_never)


@pytest.mark.parametrize(
    "host",
    [
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.0.0.0x1",
        "0",
        "127.0.0.1.",
        "localhost.",
        "target.example.",
        "1.2.3.4.5",
        "256.1.1.1",
        "%31%32%37.0.0.1",
        "127\u30020\u30020\u30021",
        "\uff11\uff12\uff17.0.0.1",
        "127.0.0.1%00.example",
        "[::1%25lo]",
        "[fe80::1%25eth0]",
        "[2606:4700::1111%25eth0]",
        "[::ffff:7f00:1]",
        "a..b",
        "-a.example",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "exa mple.com",
        "\u24dbocalhost",
        "localhost\\.example",
    ],
)
def test_disguised_or_malformed_host_is_refused(host: str) -> None:
    with pytest.raises(OutboundRefusedError):
        send_request(method="GET", url=f"https://{host}/", policy=build_policy({}), resolve=_never, dial=_never)


def test_name_with_one_refused_address_among_public_ones_is_refused() -> None:
    with pytest.raises(OutboundRefusedError, match="loopback"):
        send_request(
            method="GET",
            url="https://target.example/",
            policy=build_policy({}),
            resolve=lambda _host, _port: ["93.184.215.14", "127.0.0.1"],
            dial=_never,
        )


def test_message_keeps_the_address_a_name_resolved_to_for_itself() -> None:
    with pytest.raises(OutboundRefusedError) as caught:
        send_request(
            method="GET",
            url="https://target.example/",
            policy=build_policy({}),
            resolve=lambda _host, _port: ["10.11.12.13"],
            dial=_never,
        )
    assert "10.11.12.13" not in str(caught.value)


def test_private_network_of_the_deployment_is_allowed_and_its_neighbor_is_not() -> None:
    verdicts = [_verdict(address) for address in ("10.1.2.3", "10.2.0.1", "127.0.0.1")]
    assert verdicts == [OutboundFailedError, OutboundRefusedError, OutboundRefusedError]


def _verdict(address: str) -> type[OutboundError]:
    with pytest.raises(OutboundError) as caught:
        send_request(
            method="GET",
            url="https://target.example/",
            policy=build_policy({"private_networks": ["10.1.0.0/16"]}),
            resolve=lambda _host, _port: [address],
            dial=_unreachable,
        )
    return type(caught.value)


def _unreachable(_address: str, _port: int, _seconds: float) -> Any:
    raise ConnectionRefusedError("nobody there")


def _never(*_arguments: object) -> Any:
    raise AssertionError("the guard let it through")
