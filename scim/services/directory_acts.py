"""What an operator does to a user or group by hand: the same writes as an identity provider's, with the operator as who
made them, and only while what they saw is still what there is.
"""

from uuid import UUID

from audit.actors import Origin
from labsninja.kernel.isolation import tenant_scope
from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.versions import format_etag
from scim.queries.directory import find_type
from scim.services.resources import delete_resource, patch_resource
from scim.services.writes import Writing
from tenants.models import Role
from tenants.services.roles import check_role


def deactivate_user(*, resource_id: UUID, version: int, origin: Origin) -> None:
    """Set active to false. Raises RoleRefusedError, NoSuchResourceError, ScimError 412 for another version."""
    _set_active(resource_id, version, origin, value=False)


def activate_user(*, resource_id: UUID, version: int, origin: Origin) -> None:
    """Set active to true. Raises the same."""
    _set_active(resource_id, version, origin, value=True)


def delete_by_hand(*, type_name: str, resource_id: UUID, version: int, origin: Origin) -> None:
    """Leave a tombstone, as a DELETE does. Raises the same."""
    writing = _make_writing(type_name, version, origin)
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        delete_resource(resource_id=resource_id, writing=writing)


def _set_active(resource_id: UUID, version: int, origin: Origin, *, value: bool) -> None:
    body = {"schemas": [urns.PATCH_OP], "Operations": [{"op": "replace", "path": "active", "value": value}]}
    writing = _make_writing("User", version, origin)
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        patch_resource(resource_id=resource_id, body=body, writing=writing)


def _make_writing(type_name: str, version: int, origin: Origin) -> Writing:
    return Writing(find_type(name=type_name), origin, Reading(STRICT), if_match=format_etag(version))
