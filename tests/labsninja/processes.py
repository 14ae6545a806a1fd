"""Real processes of the product against the test database: they are started, waited for, and ended by their own id."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from labsninja.embedded.ports import pick_port
from scim.services import denials, request_log
from tenants.services import last_use

ROOT = Path(__file__).resolve().parents[2]
URLS = {"DATABASE_URL": "default", "PLATFORM_DATABASE_URL": "platform", "OWNER_DATABASE_URL": "owner"}
# The command of the product itself, which reads port and workers from the environment.
WEB = "import os; from labsninja.processes import web_command; command = web_command(); os.execv(command[0], command)"
# Celery warns as root; what the worker is told in production it is told here.
CELERY = ("-W", "ignore::RuntimeWarning:celery.platforms", "-m", "celery", "-A", "labsninja")


def database_url(alias: str, **changes: Any) -> str:
    """URL of the test database for the role of a Django alias; `changes` as in HOST="127.0.0.1", PORT=5433."""
    found = {**connections[alias].settings_dict, **changes}
    host, password = quote(found["HOST"], safe=""), quote(found["PASSWORD"], safe="")
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgresql://{found['USER']}:{password}@{host}{port}/{found['NAME']}"


def environment(**changes: str) -> dict[str, str]:
    """The environment of a child that serves the test database."""
    urls = {name: database_url(alias) for name, alias in URLS.items()}
    settings = {"DJANGO_SETTINGS_MODULE": "labsninja.settings", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **urls, **settings, **changes}


@contextmanager
def started(arguments: Sequence[str], *, log: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process with these arguments, its output in `log`; ended when the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=env, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def served(*, log: Path, **changes: str) -> Iterator[httpx.Client]:
    """A web server with one worker on a free port, as a client of its root."""
    port = str(pick_port())
    env = environment(PORT=port, LABSNINJA_WEB_WORKERS="1", LABSNINJA_STATIC=str(log.parent / "static"), **changes)
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(collect, cwd=ROOT, env=env, check=True)
    with started(["-c", WEB], log=log, env=env), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        wait_for(lambda: _is_alive(client), seconds=30, told_by=log)
        yield client


def wait_for(question: Callable[[], Any], *, seconds: float, told_by: Path | None = None) -> Any:
    """The first true answer. Fails after `seconds`, with what the log says."""
    until = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < until, told_by.read_text()[-4000:] if told_by else "it never came to pass"
        time.sleep(0.05)
    return answer


def _is_alive(client: httpx.Client) -> bool:
    try:
        return client.get("/livez").is_success
    except httpx.TransportError:
        return False


@contextmanager
def last_use_writer_allowed(blocker: DjangoDbBlocker) -> Iterator[None]:
    """The threads that write last uses and the request log live as long as this process: they may use the database
    between tests too.

    At the end their connections are closed from outside, for a database in use cannot be dropped.
    """
    with blocker.unblock():
        yield
        last_use._uses.clear()
        request_log._buffer.drain()
        denials._denials.clear()
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
