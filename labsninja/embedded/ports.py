"""TCP ports of the loopback interface and of the web server: is one free, and which one to take."""

import errno
import socket

from labsninja.embedded.errors import EmbeddedError

LOOPBACK = "127.0.0.1"


class BusyPortError(EmbeddedError):
    """Somebody listens there already, or this user may not."""


def require_free_port(*, host: str, port: int) -> None:
    """Raises BusyPortError, which names the port."""
    try:
        _try_port(host=host, port=port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BusyPortError(f"Port {port} on {host} is in use; set PORT to a free one.") from None
        if error.errno == errno.EACCES:
            raise BusyPortError(
                f"Port {port} on {host} is not allowed to this user; set PORT to 1024 or above."
            ) from None
        raise BusyPortError(f"Can't listen on port {port} of {host}: {error.strerror or error}.") from error


def pick_port(*, preferred: int | None = None) -> int:
    """A free loopback port: `preferred` if it is still free, else a random one."""
    try:
        return _try_port(host=LOOPBACK, port=preferred or 0)
    except OSError:
        return _try_port(host=LOOPBACK, port=0)


def is_listening(*, host: str, port: int) -> bool:
    """Whether a connection is accepted there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _try_port(*, host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just given up is free
        probe.bind((host, port))
        probe.listen()
        return int(probe.getsockname()[1])
