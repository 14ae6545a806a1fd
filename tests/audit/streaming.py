"""Streams to a receiver on loopback: made, fed, and sent as the ledger sends them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from audit.actors import system_origin
from audit.streams.delivery import deliver_some
from audit.streams.records import Kind, Stream
from audit.streams.services import (
    NewStream,
    create_stream,
    list_streams,
)
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.kernel.outbound import OutboundClient, build_policy
from tests.audit.histories import as_platform, seal
from tests.audit.receivers import Receiver
from tests.audit.telling import NOON, tell

ORIGIN = system_origin("test")
LOOPBACK: dict[str, Any] = {
    "private_networks": ["127.0.0.0/8", "::1/128"],
    "private_http": True,
    "private_any_port": True,
}


def open_stream(receiver: Receiver, **options: Any) -> NewStream:
    given: dict[str, Any] = {
        "kind": Kind.EVENTS,
        "form": "cloudevents",
        "is_from_start": True,
        "origin": ORIGIN,
    } | options
    return create_stream(url=receiver.url, **given)


def tell_some(count: int, *, start: int = 0) -> None:
    for number in range(start, start + count):
        tell(id=f"u{number}", at=NOON + timedelta(seconds=number))


def seal_all() -> None:
    with tenant_context(None):
        seal()


def deliver(tenant_id: UUID, stream: NewStream, **policy: Any) -> int:
    """What the ledger does when the stream is due."""
    with as_platform(tenant_id), OutboundClient(policy=build_policy(LOOPBACK | policy)) as client:
        return deliver_some(tenant_id=tenant_id, stream_id=stream.id, client=client)


def find_stream() -> Stream:
    return list_streams()[0]


def list_sealed_ids() -> list[str]:
    """Ids of the bound tenant's events in the order of their leaves."""
    with tenant_scope() as scope:
        statement = "SELECT event_id::text FROM audit_leaf WHERE tenant_id = %s ORDER BY leaf_index"
        return [row[0] for row in scope.execute(statement, [scope.tenant_id]).fetchall()]
