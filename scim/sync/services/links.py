"""Single resources: looked at now, tried again after a failure, and those that a guard kept for a person to decide."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, record_event
from labsninja.kernel.isolation import tenant_scope
from scim.sync.errors import RefusedError
from scim.sync.services.connectors import lock_connector, make_target
from scim.sync.store.links import mark_links
from scim.sync.store.sources import read_sources
from scim.sync.store.troubles import find_troubled, reject_staged, take_staged
from tenants.models import Role
from tenants.services.roles import check_role

MOST: Final = 100_000


def request_look(*, connector_id: UUID, resource_id: UUID, origin: Origin) -> None:
    """Have one resource looked at now, wherever it stands. Raises RoleRefusedError, UnknownConnectorError,
    RefusedError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        connector = lock_connector(connector_id=connector_id)
        source = read_sources(resource_ids=[resource_id]).get(resource_id)
        if source is None or connector.kind != "scim":
            raise RefusedError("There is nobody with this id.")
        mark_links(connector_id=connector_id, resources={source.id: source.resource_type})
        details = {"kind": source.resource_type, "resource": str(resource_id)}
        event = Event(
            Action.LOOK_REQUESTED, make_target(connector_id=connector_id, name=connector.name), details=details
        )
        record_event(event=event, origin=origin)


def retry_links(*, connector_id: UUID, signature: str | None, origin: Origin) -> int:
    """Try again what failed: of one cause, or all. Gives how many. Raises RoleRefusedError, UnknownConnectorError."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        connector = lock_connector(connector_id=connector_id)
        found = find_troubled(connector_id=connector_id, signature=signature, limit=MOST)
        number = mark_links(connector_id=connector_id, resources=found)
        if number:
            details = {"number": number, "cause": signature or "all"}
            event = Event(
                Action.LINKS_RETRIED, make_target(connector_id=connector_id, name=connector.name), details=details
            )
            record_event(event=event, origin=origin)
    return number


def approve_staged(*, connector_id: UUID, resource_ids: Collection[UUID] | None, origin: Origin) -> int:
    """Do what a guard kept back: for these, or for all when None. Gives how many. Raises as retry_links."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        connector = lock_connector(connector_id=connector_id)
        found = take_staged(connector_id=connector_id, resource_ids=resource_ids)
        number = mark_links(connector_id=connector_id, resources=found, is_approved=True)
        if number:
            event = Event(
                Action.STAGED_APPROVED,
                make_target(connector_id=connector_id, name=connector.name),
                details={"number": number},
            )
            record_event(event=event, origin=origin)
    return number


def refuse_staged(*, connector_id: UUID, resource_ids: Collection[UUID] | None, origin: Origin) -> int:
    """Leave them as they are over there until something about them changes here. Gives how many. Raises as
    retry_links.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        connector = lock_connector(connector_id=connector_id)
        number = reject_staged(
            connector_id=connector_id, resource_ids=resource_ids, reason=f"Refused by {origin.actor.label}."
        )
        if number:
            event = Event(
                Action.STAGED_REFUSED,
                make_target(connector_id=connector_id, name=connector.name),
                details={"number": number},
            )
            record_event(event=event, origin=origin)
    return number
