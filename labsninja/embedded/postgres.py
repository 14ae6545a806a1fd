"""The embedded PostgreSQL: one postmaster as a child of this process, on a socket that only its user may reach."""

import os
import signal
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg

from labsninja.embedded.binaries import find_library_folder, find_postgres
from labsninja.embedded.cluster import DATABASE, SUPERUSER, furnish, make_cluster
from labsninja.embedded.home import Home
from labsninja.embedded.lock import State
from labsninja.embedded.ports import LOOPBACK, pick_port
from labsninja.embedded.processes import PLAIN_ENVIRONMENT, processes_in, send, start_process, wait_until_gone
from labsninja.embedded.server import Server, ServerFailedError

SOCKET_PORT = 5432  # part of the socket's name
LONGEST_SOCKET = 100  # bytes; the kernel's limit is 107
KEPT_LOGS = 10
FAST_STOP = (signal.SIGINT, 60.0)  # a postmaster that lost its supervisor; seconds to finish its checkpoint
HARD_STOPS = ((signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))  # backends that lost their postmaster
URL_ROLES = {
    "DATABASE_URL": "ln_app",
    "PLATFORM_DATABASE_URL": "ln_platform",
    "OWNER_DATABASE_URL": "ln_migrator",
}


class PostgresServer(Server):
    """`version` is 18 or 16. A home keeps the version that it began with."""

    name = "PostgreSQL"
    key = "postgres"
    stop_signals = (signal.SIGINT, signal.SIGQUIT)

    def __init__(self, *, home: Home, version: int) -> None:
        super().__init__(home=home)
        self.version = version
        self.programs = find_postgres(version)
        self.data = home.path / "postgres" / "data"

    @property
    def log_folder(self) -> Path:
        return self.home.path / "postgres" / "log"

    def urls(self) -> dict[str, str]:
        if self.state is None:
            raise RuntimeError("PostgreSQL is not running")
        port = "" if self.state.host != LOOPBACK else f":{self.state.port}"
        place = f"{quote(self.state.host, safe='')}{port}/{DATABASE}"
        return {
            name: f"postgresql://{role}:{self.home.read_password(role)}@{place}" for name, role in URL_ROLES.items()
        }

    def prepare(self) -> State:
        make_cluster(home=self.home, data=self.data, programs=self.programs, version=self.version)
        host, port = str(self.home.run), SOCKET_PORT
        if len(os.fsencode(self.home.run / f".s.PGSQL.{SOCKET_PORT}")) > LONGEST_SOCKET:
            before = self.lock.read()
            host, port = LOOPBACK, pick_port(preferred=before.port if before and before.host == LOOPBACK else None)
        return State(pid=os.getpid(), version=self.version, host=host, port=port)

    def launch(self) -> None:
        self._clear_leftovers()
        self.tend()
        settings = [f"-c{name}={value}" for name, value in self._settings().items()]
        self.process = start_process(
            [str(self.programs / "postgres"), "-D", str(self.data), *settings],
            env=PLAIN_ENVIRONMENT,
            death_signal=signal.SIGINT,
            account=self.home.account,
            folders=[find_library_folder(self.programs), self.home.run, self.data.parent],
            output=self.open_errors(),
            cwd=Path("/"),
        )

    def answers(self, state: State) -> str | None:
        if state.version != self.version:
            raise ServerFailedError(
                f"Process {state.pid} runs PostgreSQL {state.version} below {self.home.path}, not {self.version}."
            )
        user, database = (SUPERUSER, "postgres") if self.started else ("ln_app", DATABASE)
        try:
            self._connect(state, user=user, database=database).close()
        except psycopg.OperationalError as error:
            text = str(error)
            if "password authentication failed" in text:
                raise ServerFailedError(
                    f"PostgreSQL does not take the password in {self.home.secrets / user}."
                ) from None
            waking = "starting up" in text or "not yet accepting" in text
            return "recovering what a crash left" if waking else "starting"
        return None

    def settle(self) -> None:
        if self.state is None:
            raise RuntimeError("PostgreSQL is not running")
        with self._connect(self.state, user=SUPERUSER, database="postgres") as connection:
            furnish(connection, home=self.home)
        super().settle()

    def _settings(self) -> dict[str, str]:
        """What the safety of the cluster rests on: given at every start, so that ALTER SYSTEM can't change it."""
        if self.state is None:
            raise RuntimeError("PostgreSQL was not prepared")
        tcp = self.state.host == LOOPBACK
        return {
            "listen_addresses": LOOPBACK if tcp else "",
            "port": str(self.state.port),
            "unix_socket_directories": "" if tcp else self.state.host,
            "unix_socket_permissions": "0700",
            "logging_collector": "on",
            "log_directory": str(self.log_folder),
            "log_filename": "postgresql-%Y-%m-%d_%H%M%S.log",
            "log_rotation_size": "10MB",
            "log_rotation_age": "7d",
            "log_file_mode": "0600",
            "cluster_name": "labsninja",
        }

    def _connect(self, state: State, *, user: str, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=state.host,
            port=state.port,
            user=user,
            password=self.home.read_password(user),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _clear_leftovers(self) -> None:
        """End a postmaster or backends whose supervisor was killed; they know the data folder as their directory.

        We hold the lock, so nobody runs them. Afterwards the process files are stale, even if their number lives on in
        another process or a zombie, which would make PostgreSQL refuse to start.
        """
        left = processes_in(self.data, program="postgres")
        leader = self._postmaster()
        if leader in left:
            sys.stderr.write(f"Stopping PostgreSQL, process {leader}, left behind by a run that was killed\n")
            send(leader, FAST_STOP[0])
            left = wait_until_gone(left, seconds=FAST_STOP[1])
        for number, seconds in HARD_STOPS:
            for pid in left:
                send(pid, number)
            left = wait_until_gone(left, seconds=seconds)
        socket = f".s.PGSQL.{SOCKET_PORT}"
        for stale in (self.data / "postmaster.pid", self.home.run / socket, self.home.run / f"{socket}.lock"):
            stale.unlink(missing_ok=True)

    def _postmaster(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return 0

    def tend(self) -> None:
        for old in sorted(self.log_folder.glob("postgresql-*.log"))[:-KEPT_LOGS]:
            old.unlink(missing_ok=True)

    def _said(self) -> str:
        logs = sorted(self.log_folder.glob("postgresql-*.log"))
        if not logs:
            return super()._said()
        handle = os.open(logs[-1], os.O_RDONLY | os.O_NOFOLLOW)  # the folder belongs to another user
        with os.fdopen(handle, "rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
            return f"{log.read().decode(errors='replace')}\n{super()._said()}".strip()
