"""Events, sealed on demand, and bundles of them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.actors import system_origin
from audit.bundle import find_part, write_bundle
from audit.erasure import erase_subject
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


def record_person(tenant_id: UUID, subject_id: str, name: str) -> None:
    """An event about a person who got this user name."""
    changes: list[Any] = [{"path": "active", "after": True}, {"path": "userName", "before": "nobody", "after": name}]
    event = Event(Action.USER_UPDATED, Target("User", subject_id, name), changes=changes, of_person=True)
    with tenant_context(tenant_id), tenant_scope():
        record_event(event=event, origin=system_origin("test"))


def erase(tenant_id: UUID, subject_id: str) -> int:
    """Erase a person; gives how many keys went."""
    with as_platform(tenant_id):
        return erase_subject(subject_id=subject_id, origin=system_origin("test"))


IDLE_ROUNDS = 2


def seal() -> Sealer:
    """Seal everything that has been committed. A round that seals nothing may have found a tenant whose keys do not
    open, and nothing else: the next one leaves that out.
    """
    sealer, idle = Sealer(), 0
    with as_platform(None):
        while idle < IDLE_ROUNDS:
            idle = 0 if sealer.seal_some() else idle + 1
    return sealer


def export(
    tenant_id: UUID, *, since: datetime | None = None, until: datetime | None = None, personal: bool = True
) -> bytes:
    """A bundle of the tenant's history."""
    file = io.BytesIO()
    with as_platform(tenant_id):
        part = find_part(since=since, until=until)
        write_bundle(file=file, part=part, origin=system_origin("test"), personal=personal)
    return file.getvalue()


def keys_of(tenant_id: UUID) -> list[Key]:
    with tenant_context(tenant_id):
        return [read_key(key.text) for key in list_keys()]


def list_notes() -> list[str]:
    """The bound tenant's signed checkpoints, oldest first."""
    with tenant_scope() as scope:
        statement = "SELECT note FROM audit_checkpoint WHERE tenant_id = %s ORDER BY size"
        return [note for (note,) in scope.execute(statement, [scope.tenant_id]).fetchall()]
