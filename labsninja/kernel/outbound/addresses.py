"""Which addresses an outbound request may connect to: public unicast, and nothing that leads back to us.

Python's own `is_global` and `is_private` differ between versions and pass multicast, 6to4, NAT64 and the shared
address space, so the table stands here (IANA special-purpose registries, RFC 6890) and Python's view only adds to it.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED = tuple(
    (ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private network"),
        ("100.64.0.0/10", "shared address space"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud host service"),  # Azure answers virtual machines here, on a public address
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private network"),
        ("192.0.0.0/24", "protocol assignment"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private network"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "this host"),
        ("::1/128", "loopback"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignment"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private network"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")


def read_address(text: str) -> Address:
    """The address that `text` really stands for: an IPv4-mapped IPv6 address is its IPv4 address. Raises ValueError."""
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of `networks` holds `address`."""
    return any(address in network for network in networks)


def find_refusal(address: Address) -> str | None:
    """Why no connection to `address` is allowed, in two or three words; None for public unicast addresses."""
    for network, reason in REFUSED:
        if address in network:
            return reason
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST_V6:
        return "not global unicast"
    if address.is_multicast or address.is_reserved or not address.is_global:
        return "not a public address"
    return None
