"""The servers of others: how each is installed below the bench's home, how it is started, and what it leaves out."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from bench.servers import CORES

HERE: Final = Path(__file__).resolve().parent
DATABASE: Final = "peer_django_scim2"
CREATE: Final = """
import server
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
"""


@dataclass(frozen=True)
class Command:
    """What starts the server: it listens on loopback at the port that it was made for, and knows the token `bench`."""

    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Peer:
    """`install` gets a folder of its own and a port."""

    install: Callable[[Path, int], Command]
    prefix: str
    note: str


def _install_scim2_server(folder: Path, port: int) -> Command:
    scripts = _make_environment(folder, "scim2-server")
    return Command((str(scripts / "scim2-server"), "--port", str(port), "--bearer-token", "bench"))


def _install_django_scim2(folder: Path, port: int) -> Command:
    scripts = _make_environment(folder, "django-scim2", "gunicorn", "psycopg[binary]")
    environment = {
        "PEER_DATABASE": orjson.dumps(_make_database()).decode(),
        "PYTHONPATH": str(HERE / "django_scim2"),
        "HOME": str(folder),
    }
    subprocess.run([str(scripts / "python"), "-c", CREATE], check=True, env={**os.environ, **environment})
    gunicorn = (str(scripts / "gunicorn"), "server:application", "--workers", CORES, "--bind", f"127.0.0.1:{port}")
    return Command(gunicorn, environment)


def _install_scimmy(folder: Path, port: int) -> Command:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise RuntimeError("scimmy needs node and npm")
    folder.mkdir(parents=True)
    shutil.copy(HERE / "scimmy" / "server.mjs", folder)
    packages = ("scimmy@1", "scimmy-routers@1", "express@4")
    subprocess.run((npm, "install", "--silent", "--no-audit", "--no-fund", *packages), check=True, cwd=folder)
    return Command((node, "server.mjs", str(port)))


def _make_environment(folder: Path, *packages: str) -> Path:
    """A Python environment with the packages; gives the folder of its programs."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *packages], check=True)
    return folder / "bin"


def _make_database() -> dict[str, Any]:
    """An empty one beside the bench's, in the same PostgreSQL; gives Django's settings of it."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")  # in which its owner may create tables
    known = connections["owner"].settings_dict
    kept = {name: known[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    as_owner = {"options": known["OPTIONS"]["options"]}
    return {**kept, "ENGINE": "django.db.backends.postgresql", "NAME": DATABASE, "OPTIONS": as_owner}


PEERS: Final = {
    "scim2-server": Peer(
        _install_scim2_server,
        "",
        "in memory: nothing survives its end; one tenant, no history, no log; on werkzeug's server for development",
    ),
    "django-scim2": Peer(
        _install_django_scim2,
        "/scim/v2",
        "in the same PostgreSQL with synchronous commit, on gunicorn's sync workers, one for each core; names, one "
        "e-mail address and activity are kept, all else that is sent is dropped; of two PATCHes at the same time one "
        "is lost (read committed, no lock); one tenant, no history, no log, no versions",
    ),
    "scimmy": Peer(
        _install_scimmy,
        "/scim/v2",
        "in memory, on Express in one process of Node.js: nothing survives its end, and a look-up compares all users; "
        "one tenant, no history, no log, no versions; it is handlers of ours as its documentation shows them",
    ),
}
