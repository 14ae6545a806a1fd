"""A real Celery worker on a real Redis: tasks arrive, work for their tenant alone, and leave nothing behind."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
from celery import current_app
from kombu import Connection

from audit.actors import system_origin
from audit.queries import list_events_of
from labsninja.env import read
from labsninja.kernel.isolation import tenant_context
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tenants.tasks import warn_of_expiring_token, warn_of_expiring_tokens
from tests.labsninja.processes import CELERY, environment, started, wait_for

# One process that works task after task, and a task that tells which tenant it finds bound.
SOLO = ("worker", "--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
PROBE = """
from pathlib import Path
from celery import shared_task
from labsninja.kernel.isolation import NoTenantBoundError, current_tenant

@shared_task(name="tests.bound_tenant")
def tell_bound_tenant(path):
    try:
        Path(path).write_text(str(current_tenant()))
    except NoTenantBoundError:
        Path(path).write_text("none")
"""


@pytest.fixture
def broker() -> Iterator[str]:
    """A database of the Redis that nobody else uses, empty."""
    url = f"{read('REDIS_URL').rpartition('/')[0]}/9"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def worker_log(database: None, broker: str, tmp_path: Path) -> Iterator[Path]:
    """A worker of the serving environment is running; gives its log."""
    (tmp_path / "bound_tenant.py").write_text(PROBE)
    env = environment(REDIS_URL=broker, OWNER_DATABASE_URL="", PLATFORM_DATABASE_URL="")
    env["PYTHONPATH"] += f":{tmp_path}"
    log = tmp_path / "log"
    with started([*CELERY, *SOLO, "--include", "bound_tenant"], log=log, env=env):
        yield log


@pytest.fixture
def send(broker: str) -> Iterator[Callable[..., None]]:
    """Publishes a task, named by itself or by its name, to that worker."""
    with Connection(broker) as connection:

        def publish(task: Any, *arguments: str) -> None:
            name = task if isinstance(task, str) else task.name
            current_app.send_task(name, args=arguments, connection=connection)

        yield publish


def _make_ending_token(tenant_id: UUID) -> UUID:
    origin = system_origin("test")
    with tenant_context(tenant_id):
        client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=origin)
        issued = issue_token(scim_client=client, scopes=SCOPES, origin=origin, lifetime=timedelta(hours=12))
    return issued.token.id


def _is_warned(tenant_id: UUID, token_id: UUID) -> bool:
    with tenant_context(tenant_id):
        return "tenants.token.warned" in [event.action for event in list_events_of(target_id=token_id)]


def test_worker_warns_for_each_tenant_and_has_none_bound_afterwards(
    worker_log: Path, send: Callable[..., None], make_tenant: Callable[[], UUID], tmp_path: Path
) -> None:
    tenants = [make_tenant(), make_tenant()]
    tokens = [_make_ending_token(tenant_id) for tenant_id in tenants]
    for tenant_id, token_id in zip(tenants, tokens, strict=True):
        send(warn_of_expiring_token, str(tenant_id), str(token_id))
    pairs = [*zip(tenants, tokens, strict=True)]
    wait_for(lambda: all(_is_warned(*pair) for pair in pairs), seconds=20, told_by=worker_log)
    send("tests.bound_tenant", str(tmp_path / "told"))
    wait_for((tmp_path / "told").exists, seconds=10, told_by=worker_log)
    assert wait_for((tmp_path / "told").read_text, seconds=1) == "none"

    # The hourly task finds by itself whom to warn, and asks the worker for it.
    third = make_tenant()
    forgotten = _make_ending_token(third)
    send(warn_of_expiring_tokens)
    wait_for(lambda: _is_warned(third, forgotten), seconds=10, told_by=worker_log)
