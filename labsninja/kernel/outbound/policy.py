"""What a deployment allows its outbound requests. Tenants have no say in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from labsninja.kernel.outbound.addresses import Network


@dataclass(frozen=True)
class OutboundPolicy:
    """Times are seconds, sizes bytes. `private_*` switches speak of targets that lie in `private_networks` alone."""

    ports: frozenset[int] = frozenset({443, 8443})
    private_networks: tuple[Network, ...] = ()
    private_http: bool = False
    private_any_port: bool = False
    connect_seconds: float = 5.0
    total_seconds: float = 10.0
    response_bytes: int = 1024 * 1024
    connections: int = 10
    ca_file: str = ""  # certificate authorities trusted besides the public ones


def build_policy(options: Mapping[str, Any]) -> OutboundPolicy:
    """Policy of plain values as settings hold them: networks are texts like 10.1.0.0/16, ports a list.

    Raises ValueError for a malformed network, TypeError for an option that does not exist.
    """
    plain = dict(options)
    networks = tuple(ip_network(network) for network in plain.pop("private_networks", ()))
    ports = frozenset(int(port) for port in plain.pop("ports", OutboundPolicy.ports))
    return OutboundPolicy(private_networks=networks, ports=ports, **plain)
