"""PostgreSQL and Redis for a process that was given none, and the environment variables that lead to them."""

import atexit
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from labsninja.embedded.account import find_account
from labsninja.embedded.home import Home
from labsninja.embedded.postgres import PostgresServer
from labsninja.embedded.redis import RedisServer
from labsninja.embedded.server import Server
from labsninja.env import read

DEFAULT_VERSION = 18
_provided: dict[Path, "Services"] = {}


class Services:
    """The embedded services of one process: `servers` in the order of their start."""

    def __init__(self, *, home: Path, servers: tuple[Server, ...]) -> None:
        self.home = home
        self.servers = servers

    @property
    def urls(self) -> dict[str, str]:
        """DATABASE_URL, PLATFORM_DATABASE_URL, OWNER_DATABASE_URL and REDIS_URL, as far as they are ours to give."""
        return {name: url for server in self.servers for name, url in server.urls().items()}

    @property
    def started(self) -> bool:
        """Whether this process runs one of them; False: all belong to another process, or none is needed."""
        return any(server.started for server in self.servers)

    def ensure(self) -> None:
        """Attach to what runs, start the rest. Raises EmbeddedError, and then nothing started here is left."""
        try:
            for server in self.servers:
                server.ensure()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what this process started, last one first."""
        for server in reversed(self.servers):
            server.stop()


@contextmanager
def services(home: Path | None = None, postgres_version: int = DEFAULT_VERSION) -> Iterator[Services]:
    """Both services under `home` (default LABSNINJA_HOME), attached or started; stopped at the end if started here.

    Looks at no DATABASE_URL and sets none: read `.urls`. Raises EmbeddedError.
    """
    found = _services(home=home, postgres_version=postgres_version, given={})
    found.ensure()
    try:
        yield found
    finally:
        found.stop()


def provide(home: Path | None = None, postgres_version: int = DEFAULT_VERSION) -> Services:
    """Put the missing ones of the four URLs into os.environ; the services behind them live as long as this process.

    With DATABASE_URL (or REDIS_URL) set, PostgreSQL (or Redis) is not embedded. A second call returns the same object.
    Call from the main thread, before Django's settings load. Raises EmbeddedError.
    """
    found = _services(home=home, postgres_version=postgres_version, given=os.environ)
    if found.home in _provided:
        return _provided[found.home]
    found.ensure()
    _provided[found.home] = found
    for name, url in found.urls.items():
        os.environ.setdefault(name, url)
    if found.started:
        _stop_at_exit(found)
    return found


def _services(*, home: Path | None, postgres_version: int, given: Mapping[str, str]) -> Services:
    path = home.resolve() if home else read("LABSNINJA_HOME")
    servers: list[Server] = []
    if not (given.get("DATABASE_URL") and given.get("REDIS_URL")):
        place = Home(path=path, account=find_account())
        if not given.get("DATABASE_URL"):
            servers.append(PostgresServer(home=place, version=postgres_version))
        if not given.get("REDIS_URL"):
            servers.append(RedisServer(home=place))
    return Services(home=path, servers=tuple(servers))


def _stop_at_exit(found: Services) -> None:
    atexit.register(found.stop)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit_by_signal)


def _exit_by_signal(number: int, _frame: FrameType | None) -> None:
    """Leave through the exit handlers; the default action would skip them."""
    sys.exit(128 + number)
