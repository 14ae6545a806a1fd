"""From a host name to addresses that have passed the rule, within the request's time.

The system's resolver knows no deadline, and a name's owner decides how slowly it answers: it runs in a thread that
is left behind when time is up. The number of such threads is bounded.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from labsninja.kernel.outbound.addresses import Address, find_refusal, is_within, read_address
from labsninja.kernel.outbound.errors import OutboundFailedError, OutboundRefusedError, OutboundTimeoutError
from labsninja.kernel.outbound.policy import OutboundPolicy
from labsninja.kernel.outbound.targets import is_literal

Resolver = Callable[[str, int], Sequence[str]]
LOOKUPS_AT_ONCE = 64
_slots = threading.BoundedSemaphore(LOOKUPS_AT_ONCE)


def resolve_by_system(host: str, port: int) -> list[str]:
    """Addresses of `host` as the machine resolves it, best first. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def find_addresses(*, host: str, port: int, seconds: float, resolve: Resolver) -> list[Address]:
    """Addresses of `host`, asked for once. Raises OutboundTimeoutError, OutboundFailedError."""
    if is_literal(host):
        return [read_address(host)]
    found = _resolve_within(host, port, seconds, resolve)
    if not found:
        raise OutboundFailedError(f"{host}: no address found")
    return [_read_answer(host, text) for text in found]


def check_addresses(*, host: str, addresses: Sequence[Address], private_only: bool, policy: OutboundPolicy) -> None:
    """Raises OutboundRefusedError unless every address is allowed: a name with one bad address is a bad name."""
    for address in addresses:
        if is_within(address, policy.private_networks):
            continue
        if private_only:
            raise OutboundRefusedError(f"{host}: plain http or this port is allowed in private networks only")
        if reason := find_refusal(address):
            raise OutboundRefusedError(f"{host}: connections to this address are not allowed ({reason})")


def _read_answer(host: str, text: str) -> Address:
    try:
        return read_address(text)
    except ValueError:
        raise OutboundFailedError(f"{host}: the resolver gave no address") from None


def _resolve_within(host: str, port: int, seconds: float, resolve: Resolver) -> Sequence[str]:
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()
    if not _slots.acquire(timeout=max(seconds, 0)):
        raise OutboundTimeoutError(f"{host}: too many names are being resolved")

    def look_up() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)
        finally:
            _slots.release()

    threading.Thread(target=look_up, name="outbound-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0))
    except Empty:
        raise OutboundTimeoutError(f"{host}: resolving the name took too long") from None
    if isinstance(answer, Exception):
        raise OutboundFailedError(f"{host}: the name does not resolve") from answer
    return answer
