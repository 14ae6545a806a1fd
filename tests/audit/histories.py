"""Events, sealed on demand, and bundles of them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from audit.actions import Action
from audit.actors import system_origin
from audit.bundle import find_part, write_bundle
from audit.sealing import Sealer
from audit.services import Event, Target, record_event
from audit.signing import list_keys
from audit.verify import Key, read_key
from labsninja.kernel.isolation import cross_tenant, tenant_context, tenant_scope


@contextmanager
def as_platform(tenant_id: UUID | None) -> Iterator[None]:
    """On the platform role, with the tenant bound."""
    with tenant_context(None), cross_tenant(reason="a test"), tenant_context(tenant_id):
        yield


def record(tenant_id: UUID, count: int) -> None:
    """So many events of a tenant, each in a transaction of its own."""
    origin = system_origin("test")
    with tenant_context(tenant_id):
        for number in range(count):
            with tenant_scope():
                record_event(
                    event=Event(Action.GROUP_CREATED, Target("Group", f"g{number}", "Gr\u00fcn")), origin=origin
                )


def seal() -> Sealer:
    """Seal everything that has been committed."""
    sealer = Sealer()
    with as_platform(None):
        while sealer.seal_some() >= 1:
            pass
    return sealer


def export(tenant_id: UUID, *, since: datetime | None = None, until: datetime | None = None) -> bytes:
    """A bundle of the tenant's history."""
    file = io.BytesIO()
    with as_platform(tenant_id):
        write_bundle(file=file, part=find_part(since=since, until=until), origin=system_origin("test"))
    return file.getvalue()


def keys_of(tenant_id: UUID) -> list[Key]:
    with tenant_context(tenant_id):
        return [read_key(key.text) for key in list_keys()]


def list_notes() -> list[str]:
    """The bound tenant's signed checkpoints, oldest first."""
    with tenant_scope() as scope:
        statement = "SELECT note FROM audit_checkpoint WHERE tenant_id = %s ORDER BY size"
        return [note for (note,) in scope.execute(statement, [scope.tenant_id]).fetchall()]
