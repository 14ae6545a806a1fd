"""The embedded Redis: Celery's doorbell. It keeps nothing on disk, since what matters is in PostgreSQL.

It listens on a random loopback port with a password, not on a socket: `redis://` is the one form of URL that Celery's
broker, its result backend and redis-py all read.
"""

import os
import signal
import socket
import subprocess
from pathlib import Path

from labsninja.embedded.binaries import find_library_folder, find_redis
from labsninja.embedded.lock import State
from labsninja.embedded.ports import LOOPBACK, pick_port
from labsninja.embedded.processes import PLAIN_ENVIRONMENT, processes_in, send, start_process, wait_until_gone
from labsninja.embedded.server import Server, ServerFailedError

VERSION = 6
PASSWORD = "redis"  # noqa: S105 the name of the file, not the password
LARGEST_LOG = 1024 * 1024

CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
save ""
appendonly no
dir "{folder}"
logfile "{log}"
loglevel notice
daemonize no
maxmemory 256mb
maxmemory-policy noeviction
"""


class RedisServer(Server):
    """Nothing but its password and its last port outlive it."""

    name = "Redis"
    key = "redis"
    stop_signals = (signal.SIGTERM,)

    @property
    def log_folder(self) -> Path:
        return self.home.path / "redis"

    def urls(self) -> dict[str, str]:
        if self.state is None:
            raise RuntimeError("Redis is not running")
        password = self.home.read_password(PASSWORD)
        return {"REDIS_URL": f"redis://:{password}@{self.state.host}:{self.state.port}/0"}

    def prepare(self) -> State:
        self.home.make_password(PASSWORD)
        self._clear_leftovers()
        before = self.lock.read()
        return State(
            pid=os.getpid(), version=VERSION, host=LOOPBACK, port=pick_port(preferred=before.port if before else None)
        )

    def launch(self) -> None:
        if self.state is None:
            raise RuntimeError("Redis was not prepared")
        self._clear_leftovers()
        self.tend()
        program = find_redis()
        configuration = CONFIGURATION.format(
            host=self.state.host,
            port=self.state.port,
            password=self.home.read_password(PASSWORD),
            folder=self.log_folder,
            log=self.log_folder / "redis.log",
        )
        self.process = start_process(
            [str(program), "-"],  # the configuration comes on standard input: no password in a file or a command line
            env=PLAIN_ENVIRONMENT,
            death_signal=signal.SIGTERM,
            account=self.home.account,
            folders=[find_library_folder(program), self.log_folder],
            stdin=subprocess.PIPE,
            output=self.open_errors(),
            cwd=Path("/"),
        )
        if self.process.stdin is not None:
            self._feed(configuration)

    def answers(self, state: State) -> str | None:
        try:
            with socket.create_connection((state.host, state.port), timeout=2) as connection:
                password = self.home.read_password(PASSWORD)
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                answer = connection.recv(256)
        except OSError:
            return "starting"
        if b"WRONGPASS" in answer:
            raise ServerFailedError(f"Redis does not take the password in {self.home.secrets / PASSWORD}.")
        return None if answer.startswith(b"+OK") else "starting"

    def tend(self) -> None:
        log = self.log_folder / "redis.log"  # Redis opens it anew for each line
        if log.exists() and log.lstat().st_size > LARGEST_LOG:
            log.unlink()

    def _feed(self, configuration: str) -> None:
        try:
            if self.process and self.process.stdin:
                self.process.stdin.write(configuration.encode())
                self.process.stdin.close()
        except BrokenPipeError:  # it ended already; whoever waits for it reads why
            return

    def _clear_leftovers(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            left = processes_in(self.log_folder, program="redis-server")
            for pid in left:
                send(pid, number)
            wait_until_gone(left, seconds=3.0)
