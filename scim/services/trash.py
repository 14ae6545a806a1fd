"""The trash: bringing back what was deleted, and letting go of what lies in it for longer than the tenant keeps it.

Who comes back has the old id and values, so that whatever refers to the id (a manager, a connector's link) is true
again; rejoins the groups that it was in and that still are; a group has those of its members who still are.
"""

from datetime import timedelta
from uuid import UUID

import orjson

from audit.actions import Action, Outcome
from audit.actors import Origin, system_origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from scim.protocol.schemas.definitions import ResourceType
from scim.queries import NoSuchResourceError, find_present_schemas
from scim.services.arrivals import attach_arrival
from scim.services.departures import note_departure
from scim.services.history import Deed, prepare_deed, record_deed
from scim.services.lookup_rows import look_up, write_rows
from scim.services.memberships import touch_group
from scim.services.rounds import Rounds
from scim.services.writes import DirectoryOptions, open_write
from scim.store.counters import count_created
from scim.store.members import Arrival, MemberChange, add_members
from scim.store.resources import (
    LookupColumns,
    StoredResource,
    lock_resource,
    restore_row,
    touch_resource,
    update_resource,
)
from scim.store.trash import find_tombstone, list_left_groups, lock_tombstone, purge_tombstones
from scim.time_machine import find_resource_at
from tenants.models import Role
from tenants.queries import get_tenant
from tenants.services.roles import check_role

BATCH = 500
ROUND = timedelta(hours=1)
JUST_BEFORE = timedelta(microseconds=1)


def restore_resource(*, resource_id: UUID, origin: Origin) -> StoredResource:
    """Bring the bound tenant's deleted resource back: a new version under the old id, with a change that says so.

    Raises NoSuchResourceError where none lies in the trash, ScimError 409 when a name is taken again,
    RoleRefusedError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        found = find_tombstone(resource_id=resource_id)
        resource_type = find_present_schemas().resource_type(found.resource_type) if found else None
        if resource_type is None:
            raise NoSuchResourceError
        with open_write(resource_type=resource_type):
            left = list_left_groups(resource_id=resource_id)
            groups = [lock_resource(resource_type="Group", resource_id=group_id) for group_id in left]
            restored, lookup = _restore(resource_id, resource_type, origin)
            for group in groups:
                if group is not None:
                    _join(group, resource_id, origin)
        attach_arrival(arrival=Arrival(resource_id, lookup.external_id, lookup.user_name), origin=origin)
    return restored


def _restore(resource_id: UUID, resource_type: ResourceType, origin: Origin) -> tuple[StoredResource, LookupColumns]:
    prepare_deed(resource_type=resource_type.name, resource_id=resource_id)
    deleted = lock_tombstone(resource_id=resource_id)
    if deleted is None:
        raise NoSuchResourceError
    document = orjson.loads(deleted.document)
    options = DirectoryOptions(unique_group_names=get_tenant(tenant_id=current_tenant()).unique_group_names)
    lookup = look_up(resource_type=resource_type, document=document, options=options)
    update_resource(deleted, lookup=lookup)  # by the options of today, before it counts among those that live
    restore_row(resource_id=resource_id)
    restored = touch_resource(deleted, at=origin.at)
    write_rows(resource_type=resource_type, resource_id=resource_id, before=None, after=document)
    members = _restore_members(deleted, origin) if resource_type.name == "Group" else MemberChange()
    count_created(resource_type=resource_type.name)
    deed = Deed("restored", restored, None, document, members)
    record_deed(deed=deed, origin=origin)
    note_departure(deed=deed, origin=origin)
    return restored, lookup


def _restore_members(deleted: StoredResource, origin: Origin) -> MemberChange:
    """Those it had when it was deleted; whoever is away waits, and joins when they are restored."""
    was = find_resource_at(resource_id=deleted.id, at=deleted.modified_at - JUST_BEFORE)
    return add_members(group_id=deleted.id, values=sorted(was.members), at=origin.at)


def _join(group: StoredResource, resource_id: UUID, origin: Origin) -> None:
    joined = add_members(group_id=group.id, values=[str(resource_id)], at=origin.at)
    if joined.is_visible:
        touch_group(group=group, members=joined, origin=origin)


def purge_expired(*, origin: Origin, limit: int = BATCH) -> int:
    """Let go of values that have lain in the bound tenant's trash for longer than it keeps them; gives of how many."""
    with tenant_scope():
        tenant = get_tenant(tenant_id=current_tenant())
        before = origin.at - timedelta(days=tenant.trash_days)
        purged = purge_tombstones(before=before, now=origin.at, limit=limit)
        if purged:
            changes = [{"path": "trash", "removed": [str(found) for found, _ in purged]}]
            details = {"number": len(purged), "days": tenant.trash_days}
            event = Event(
                Action.TRASH_PURGED, Target("Tenant", str(tenant.id), tenant.slug), Outcome.DONE, changes, details
            )
            record_event(event=event, origin=origin)
    return len(purged)


class TrashAttendant:
    """Goes through all active tenants once an hour."""

    def __init__(self) -> None:
        self._rounds = Rounds(every=ROUND)

    def purge_some(self) -> int:
        """Look after tenants for some seconds at most. Gives how many were purged."""
        return sum(_purge_tenant() for _tenant_id in self._rounds.take_some())


def _purge_tenant() -> int:
    total = purged = purge_expired(origin=system_origin("ledger"))
    while purged == BATCH:
        purged = purge_expired(origin=system_origin("ledger"))
        total += purged
    return total
