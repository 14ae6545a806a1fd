"""What an HTTP request says of where it came from, believed only from trusted proxies."""

from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

LONGEST_ADDRESS = 64  # in characters, with a zone


def client_address(request: HttpRequest) -> str:
    """IP address of the caller; empty when unknown (a Unix socket without a proxy's word).

    From X-Forwarded-For the last address that is not itself a trusted proxy counts: what stands before it is the
    caller's claim.
    """
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = _parse(request.META.get("REMOTE_ADDR", ""))
    while chain and _is_trusted(address):
        address = _parse(chain.pop())
    return str(address or "")


def client_agent(request: HttpRequest) -> str:
    """What the caller calls itself, with a replacement for what PostgreSQL cannot store; empty when it says nothing."""
    said: str = request.META.get("HTTP_USER_AGENT", "")
    return said.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def public_base_url(request: HttpRequest) -> str:
    """Scheme and host under which the caller knows us, without a slash at the end: the setting, or else the request's
    own.

    Raises django.core.exceptions.DisallowedHost for a host that is not ours.
    """
    if settings.LABSNINJA_BASE_URL:
        return str(settings.LABSNINJA_BASE_URL)
    if not _is_trusted(_parse(request.META.get("REMOTE_ADDR", ""))):
        return f"{request.scheme}://{request.get_host()}"
    forwarded = request.META.get("HTTP_X_FORWARDED_PROTO", "")
    return f"{forwarded if forwarded in {'http', 'https'} else request.scheme}://{request.get_host()}"


def _is_trusted(address: IPv4Address | IPv6Address | None) -> bool:
    trusted = _trusted_networks(tuple(settings.LABSNINJA_TRUSTED_PROXIES))
    return address is not None and any(address in network for network in trusted)


@cache
def _trusted_networks(cidrs: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(cidr) for cidr in cidrs)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """The address, an IPv4 one in its own form: a dual-stack socket shows it as ::ffff:192.0.2.1."""
    return _read_address(text) if len(text) <= LONGEST_ADDRESS else None


@lru_cache(maxsize=1_024)
def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
