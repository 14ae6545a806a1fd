"""The data folder of the embedded PostgreSQL: made by initdb, then given its roles and its database."""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from labsninja.embedded import launcher
from labsninja.embedded.binaries import find_library_folder
from labsninja.embedded.errors import EmbeddedError, disk_full, naming
from labsninja.embedded.home import Home
from labsninja.embedded.processes import PLAIN_ENVIRONMENT, start_process
from labsninja.kernel.isolation.roles import LOGIN_ROLES, database_statements, development_statements, role_statements

SUPERUSER = "postgres"
DATABASE = "labsninja"
LOCALES = {16: ("--locale=C",), 18: ("--locale-provider=builtin", "--locale=C.UTF-8")}

# What a fresh cluster gets in postgresql.conf; ALTER SYSTEM changes it. Small: the machine has other work too.
DEFAULTS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "idle_in_transaction_session_timeout": "5min",
    "password_encryption": "scram-sha-256",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class ClusterError(EmbeddedError):
    """The data folder can't be made, or was made by another version."""


def make_cluster(*, home: Home, data: Path, programs: Path, version: int) -> None:
    """Make the data folder unless it is there. Raises ClusterError, DiskFullError.

    A half-made one is never taken for data: it grows under another name.
    """
    if data.exists():
        require_version(data=data, version=version)
        return
    fresh = data.with_name("data.new")
    with naming(fresh):
        shutil.rmtree(fresh, ignore_errors=True)
        _run_initdb(home=home, data=fresh, programs=programs, version=version)
        fresh.rename(data)


def require_version(*, data: Path, version: int) -> None:
    """Raises ClusterError when the data was made by another major version."""
    with naming(data):
        found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(version):
        raise ClusterError(
            f"The data in {data} was made by PostgreSQL {found}, and this is PostgreSQL {version}: "
            f"dump it with PostgreSQL {found} and restore it into a new LABSNINJA_HOME."
        )


def furnish(connection: psycopg.Connection, *, home: Home) -> None:
    """Give a fresh cluster its roles and its database; nothing to do when it has them.

    The database gets its name last, so that a start that was killed in between begins again.
    """
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
        return
    if not connection.execute("SELECT FROM pg_roles WHERE rolname = 'ln_owner'").rowcount:
        passwords = {role: home.make_password(role) for role in LOGIN_ROLES}
        with connection.transaction():
            _execute(connection, [*role_statements(passwords), *development_statements()])
    unnamed = f"{DATABASE}_new"
    _execute(connection, [f"DROP DATABASE IF EXISTS {unnamed}", f"CREATE DATABASE {unnamed}"])
    _execute(connection, database_statements(unnamed))
    settings = connection.info
    with psycopg.connect(
        host=settings.host, port=settings.port, user=SUPERUSER, password=settings.password, dbname=unnamed
    ) as inside:
        _execute(inside, ["ALTER SCHEMA public OWNER TO ln_owner", "REVOKE CREATE ON SCHEMA public FROM PUBLIC"])
    _execute(connection, [f"ALTER DATABASE {unnamed} RENAME TO {DATABASE}"])


def _execute(connection: psycopg.Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement.encode())


def _run_initdb(*, home: Home, data: Path, programs: Path, version: int) -> None:
    password = home.make_password(SUPERUSER)
    argv = [str(programs / "initdb"), f"--pgdata={data}", f"--username={SUPERUSER}", "--pwfile=/dev/stdin"]
    argv += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *LOCALES[version]]
    argv += [f"--set={name}={value}" for name, value in DEFAULTS.items()]
    with tempfile.TemporaryFile() as output:
        process = start_process(
            argv,
            env=PLAIN_ENVIRONMENT,
            death_signal=signal.SIGTERM,
            account=home.account,
            folders=[find_library_folder(programs), data.parent],
            stdin=subprocess.PIPE,
            output=output,
            cwd=Path("/"),
        )
        process.communicate(password.encode() + b"\n")
        if process.returncode:
            output.seek(0)
            raise _explain(output.read().decode(errors="replace"), status=process.returncode, home=home)


def _explain(said: str, *, status: int, home: Home) -> EmbeddedError:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return disk_full(home.path)
    if status == launcher.FAILED:
        return ClusterError(f"PostgreSQL can't start: {said.strip()}")
    wrong = [line for line in said.splitlines() if "error:" in line or "FATAL" in line] or said.splitlines()[-1:]
    return ClusterError(f"The data folder of PostgreSQL can't be made below {home.path}: {' '.join(wrong)}")
