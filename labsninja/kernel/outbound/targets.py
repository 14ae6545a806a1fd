"""Reading the URL of an outbound request, once: what is checked here is the object that is later connected to."""

import re
from dataclasses import dataclass

import httpx

from labsninja.kernel.outbound.addresses import read_address
from labsninja.kernel.outbound.errors import OutboundRefusedError
from labsninja.kernel.outbound.policy import OutboundPolicy

DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# Resolvers read such a last label as an IPv4 address in one of five spellings (RFC 6943 section 3.1.1).
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
NAME_LENGTH = 253


@dataclass(frozen=True)
class Target:
    """A URL that may be asked. `private_only`: its scheme or port is allowed in private networks alone."""

    url: httpx.URL
    host: str
    port: int
    private_only: bool


def parse_target(*, url: str, policy: OutboundPolicy) -> Target:
    """The target of `url`. Raises OutboundRefusedError."""
    parsed = _parse(url)
    if parsed.scheme not in DEFAULT_PORTS:
        raise OutboundRefusedError("only https URLs are allowed")
    if parsed.userinfo:
        raise OutboundRefusedError("a URL with a user name or password is not allowed")
    host = parsed.raw_host.decode("ascii")
    _check_host(host)
    port = parsed.port or DEFAULT_PORTS[parsed.scheme]
    return Target(parsed, host, port, _is_private_only(scheme=parsed.scheme, port=port, policy=policy))


def _parse(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        # The parser's message may quote a password, so it goes no further.
        raise OutboundRefusedError("not a well-formed URL") from None


def _check_host(host: str) -> None:
    if is_literal(host):
        return
    labels = host.split(".")
    if len(host) > NAME_LENGTH or not all(LABEL.fullmatch(label) for label in labels):
        raise OutboundRefusedError("not a well-formed host name")
    if NUMBER.fullmatch(labels[-1]):
        raise OutboundRefusedError("a host that is a number in disguise is not allowed")


def is_literal(host: str) -> bool:
    """Whether `host` is an address, in its one plain spelling and without a zone."""
    try:
        read_address(host)
    except ValueError:
        return False
    return "%" not in host


def _is_private_only(*, scheme: str, port: int, policy: OutboundPolicy) -> bool:
    plain = scheme == "http"
    odd_port = port not in policy.ports | ({80} if plain else set())
    if plain and not policy.private_http:
        raise OutboundRefusedError("only https URLs are allowed")
    if odd_port and not policy.private_any_port:
        raise OutboundRefusedError(f"port {port} is not allowed")
    return plain or odd_port
