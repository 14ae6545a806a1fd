"""Mappings of a connector: drafted, published, taken back. What is published was understood in full."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from scim.sync.errors import RefusedError, UnknownConnectorError, UnknownMappingError
from scim.sync.store.connectors import Connector, find_connector
from scim.sync.store.mappings import StoredMapping, drop_draft, insert_mapping, publish_draft, read_mappings
from scim.sync.translation import check_mapping, make_plain_rows
from tenants.models import Role
from tenants.services.roles import check_role

TYPES: Final = ("User", "Group")
LONGEST_COMMENT: Final = 500


def insert_default_mappings(*, connector_id: UUID, origin: Origin) -> None:
    """Begin with everything carried over as it is. Call it within the open scope."""
    for name in TYPES:
        insert_mapping(
            connector_id=connector_id,
            resource_type=name,
            status="active",
            rows=make_plain_rows(name),
            scope="",
            comment="Everything as it is.",
            at=origin.at,
            by=origin.actor.label,
        )


def save_draft(
    *, connector_id: UUID, resource_type: str, rows: Sequence[Mapping[str, Any]], scope: str, origin: Origin
) -> None:
    """Keep a draft in place of the one before; it may have mistakes. Raises RoleRefusedError, UnknownConnectorError,
    RefusedError for rows that are no rows.
    """
    with tenant_scope():
        connector = _find(connector_id, origin)
        if resource_type not in TYPES:
            raise UnknownMappingError("There is no mapping of such resources.")
        drop_draft(connector_id=connector_id, resource_type=resource_type)
        insert_mapping(
            connector_id=connector_id,
            resource_type=resource_type,
            status="draft",
            rows=rows,
            scope=scope,
            comment="",
            at=origin.at,
            by=origin.actor.label,
        )
        _record(Action.MAPPING_DRAFTED, connector, resource_type, origin, {"rows": len(rows)})


def discard_draft(*, connector_id: UUID, resource_type: str, origin: Origin) -> None:
    """Throw a draft away. Raises RoleRefusedError, UnknownConnectorError, UnknownMappingError."""
    with tenant_scope():
        connector = _find(connector_id, origin)
        if not drop_draft(connector_id=connector_id, resource_type=resource_type):
            raise UnknownMappingError("There is no draft any more.")
        _record(Action.MAPPING_DISCARDED, connector, resource_type, origin, {})


def publish_mapping(*, connector_id: UUID, resource_type: str, comment: str, origin: Origin) -> int:
    """Have the draft in force from the next look on; gives its version. What it changes is done by the next full run,
    and for whoever changes by themselves. Raises RoleRefusedError, UnknownConnectorError, UnknownMappingError,
    RefusedError for a draft that is not understood.
    """
    if len(comment) > LONGEST_COMMENT:
        raise RefusedError(f"A comment has at most {LONGEST_COMMENT} characters.", field="comment")
    with tenant_scope():
        connector = _find(connector_id, origin)
        draft = find_mapping(connector_id=connector_id, resource_type=resource_type, status="draft")
        problems = check_mapping(resource_type=resource_type, rows=draft.rows, scope=draft.scope)
        if problems:
            raise RefusedError(f"{len(problems)} rows are not understood. The first: {problems[0]}", field="rows")
        publish_draft(connector_id=connector_id, resource_type=resource_type, comment=comment, at=origin.at)
        details = {"version": draft.version, "comment": comment}
        _record(Action.MAPPING_PUBLISHED, connector, resource_type, origin, details)
    return draft.version


def restore_mapping(*, connector_id: UUID, resource_type: str, version: int, origin: Origin) -> None:
    """Make a draft of an earlier version, to be looked at and published. Raises as save_draft, UnknownMappingError."""
    with tenant_scope():
        found = find_mapping(connector_id=connector_id, resource_type=resource_type, version=version)
        save_draft(
            connector_id=connector_id, resource_type=resource_type, rows=found.rows, scope=found.scope, origin=origin
        )


def find_mapping(
    *, connector_id: UUID, resource_type: str, status: str | None = None, version: int | None = None
) -> StoredMapping:
    """That of the type with the status or version, within the open scope. Raises UnknownMappingError."""
    for found in read_mappings(connector_id=connector_id):
        if found.resource_type == resource_type and (found.status == status or found.version == version):
            return found
    raise UnknownMappingError("There is no such version." if status is None else f"There is no {status} mapping.")


def _find(connector_id: UUID, origin: Origin) -> Connector:
    check_role(origin=origin, least=Role.ADMIN)
    connector = find_connector(connector_id=connector_id, lock=True)
    if connector is None:
        raise UnknownConnectorError("There is no such connector any more.")
    return connector


def _record(
    action: Action, connector: Connector, resource_type: str, origin: Origin, details: Mapping[str, Any]
) -> None:
    target = Target("Connector", str(connector.id), connector.name)
    record_event(event=Event(action, target, details={"kind": resource_type, **details}), origin=origin)
