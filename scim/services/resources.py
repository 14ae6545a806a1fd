"""Creating, replacing, patching and deleting resources (RFC 7644 sections 3.3, 3.5 and 3.6).

Each is one transaction: the resource in its new version, its look-up rows, its members, the change and the audit event.
"""

from dataclasses import replace
from uuid import UUID

import orjson
import uuid_utils.compat

from scim.protocol.json_input import JsonObject
from scim.protocol.patch.apply import apply_patch
from scim.protocol.patch.request import read_patch_request
from scim.protocol.patch.rows import AddRows, ReplaceRows, RowChange
from scim.protocol.resource import Mode, canonicalize
from scim.protocol.versions import check_if_match
from scim.queries import NoSuchResourceError
from scim.services.arrivals import attach_arrival
from scim.services.departures import note_departure
from scim.services.history import Deed, prepare_deed, record_deed, record_unchanged
from scim.services.lookup_rows import look_up, write_rows
from scim.services.memberships import change_members, touch_group
from scim.services.writes import Writing, open_write
from scim.store.computed import PLAIN
from scim.store.counters import count_created, count_deleted
from scim.store.members import (
    Arrival,
    MemberChange,
    drop_memberships,
    find_waiting_groups,
    lock_for_deletion,
)
from scim.store.pipeline import pipelined_scope
from scim.store.resources import (
    LookupColumns,
    StoredResource,
    get_computed,
    insert_resource,
    lock_resource,
    mark_deleted,
    revive_tombstone,
    touch_resource,
    update_resource,
)

MEMBERS = "members"


def create_resource(*, body: JsonObject, writing: Writing, resource_id: UUID | None = None) -> StoredResource:
    """A new resource of the bound tenant, in one round trip without members. Raises ScimError 400, 409 uniqueness.

    Who is new is in no group, unless one has waited for it.

    `resource_id` is an id made beforehand, for those who refer to the resource already; a revived one keeps its own.
    """
    resource_type, origin = writing.resource_type, writing.origin
    canonical = canonicalize(resource_type, body, mode=Mode.CREATE, reading=writing.reading)
    document = canonical.document
    lookup = look_up(resource_type=resource_type, document=document, options=writing.options)
    with open_write(resource_type=writing.resource_type):
        resource, kind = _store_new(resource_id or uuid_utils.compat.uuid7(), document, lookup, writing)
        write_rows(resource_type=resource_type, resource_id=resource.id, before=None, after=document)
        added = [AddRows(tuple(canonical.rows[MEMBERS]))] if canonical.rows.get(MEMBERS) else []
        members = change_members(group_id=resource.id, changes=added, writing=writing)
        deed = Deed(kind, resource, None, document, members)
        record_deed(deed=deed, origin=origin)
        arrival = Arrival(resource.id, lookup.external_id, lookup.user_name)
        waiting = find_waiting_groups(arrival=arrival)
        count_created(resource_type=resource_type.name)
        note_departure(deed=deed, origin=origin, scim_client_id=writing.scim_client_id)
        computed = get_computed(resource_id=resource.id, aspects=writing.aspects if added else PLAIN)
    if waiting.ids():
        attach_arrival(arrival=arrival, origin=origin)
        with pipelined_scope(by_keys=True):
            computed = get_computed(resource_id=resource.id, aspects=writing.aspects)
    return computed.add_to(resource)


def replace_resource(*, resource_id: UUID, body: JsonObject, writing: Writing) -> StoredResource:
    """PUT. Raises NoSuchResourceError, ScimError 400, 409 or 412."""
    with open_write(resource_type=writing.resource_type):
        current = _lock(resource_id, writing)
        before = orjson.loads(current.document)
        canonical = canonicalize(
            writing.resource_type,
            body,
            mode=Mode.REPLACE,
            reading=writing.reading,
            resource_id=str(resource_id),
            current=before,
        )
        changes: list[RowChange] = []
        if MEMBERS in canonical.rows and (MEMBERS in canonical.mentioned or not writing.options.keep_members):
            changes.append(ReplaceRows(tuple(canonical.rows[MEMBERS])))
        written = _write("replaced", current, (before, canonical.document), changes, writing)
        computed = get_computed(resource_id=resource_id, aspects=writing.aspects)
    return computed.add_to(written)


def patch_resource(*, resource_id: UUID, body: JsonObject, writing: Writing) -> StoredResource:
    """PATCH, all operations or none. Raises NoSuchResourceError, ScimError 400, 409, 412 or 413."""
    operations = read_patch_request(body, reading=writing.reading)
    with open_write(resource_type=writing.resource_type):
        current = _lock(resource_id, writing)
        before = orjson.loads(current.document)
        patched = apply_patch(
            writing.resource_type, before, operations, reading=writing.reading, resource_id=str(resource_id)
        )
        changes = list(patched.rows.get(MEMBERS, ()))
        written = _write("patched", current, (before, patched.document), changes, writing)
        computed = get_computed(resource_id=resource_id, aspects=writing.aspects)
    return computed.add_to(written)


def delete_resource(*, resource_id: UUID, writing: Writing) -> StoredResource:
    """Leave a tombstone, and no membership; gives what was deleted. Raises NoSuchResourceError, ScimError 412."""
    resource_type, origin = writing.resource_type, writing.origin
    with open_write(resource_type=writing.resource_type):
        prepare_deed(resource_type=resource_type.name, resource_id=resource_id)
        locked = lock_for_deletion(resource_type=resource_type.name, resource_id=resource_id)
        current = _check(locked.resource, writing)
        document = orjson.loads(current.document)
        mark_deleted(resource_id=resource_id, at=origin.at, groups=[group.id for group in locked.groups])
        write_rows(resource_type=resource_type, resource_id=resource_id, before=document, after=None)
        count_deleted(resource_type=resource_type.name)
        drop_memberships(resource_id=resource_id)
        for group in locked.groups:
            touch_group(group=group, members=MemberChange(removed=(resource_id,)), origin=origin)
        deleted = replace(current, version=current.version + 1, modified_at=origin.at)
        deed = Deed("deleted", deleted, document, None)
        record_deed(deed=deed, origin=origin)
        note_departure(deed=deed, origin=origin, scim_client_id=writing.scim_client_id)
    return deleted


def _lock(resource_id: UUID, writing: Writing) -> StoredResource:
    prepare_deed(resource_type=writing.resource_type.name, resource_id=resource_id)
    return _check(lock_resource(resource_type=writing.resource_type.name, resource_id=resource_id), writing)


def _check(current: StoredResource | None, writing: Writing) -> StoredResource:
    if current is None:
        raise NoSuchResourceError
    check_if_match(writing.if_match, version=current.version)
    return current


def _write(
    kind: str,
    current: StoredResource,
    documents: tuple[JsonObject, JsonObject],
    row_changes: list[RowChange],
    writing: Writing,
) -> StoredResource:
    before, after = documents
    members = change_members(group_id=current.id, changes=row_changes, writing=writing)
    if after == before and not members.is_visible:
        record_unchanged(deed=Deed(kind, current, before, before), origin=writing.origin)
        return current
    if after == before:
        written = touch_resource(current, at=writing.origin.at)
    else:
        written = _update(current, before, after, writing)
    clears_members = bool(members.removed) and ReplaceRows() in row_changes
    deed = Deed(kind, written, before, after, members, clears_members=clears_members)
    record_deed(deed=deed, origin=writing.origin)
    note_departure(deed=deed, origin=writing.origin, scim_client_id=writing.scim_client_id)
    return written


def _update(current: StoredResource, before: JsonObject, after: JsonObject, writing: Writing) -> StoredResource:
    resource_type = writing.resource_type
    text = orjson.dumps(after).decode()
    written = replace(current, document=text, version=current.version + 1, modified_at=writing.origin.at)
    update_resource(written, lookup=look_up(resource_type=resource_type, document=after, options=writing.options))
    write_rows(resource_type=resource_type, resource_id=current.id, before=before, after=after)
    return written


def _store_new(
    new_id: UUID, document: JsonObject, lookup: LookupColumns, writing: Writing
) -> tuple[StoredResource, str]:
    """The resource, and whether it was created or, where the tenant chose so, revived."""
    name, text, at = writing.resource_type.name, orjson.dumps(document).decode(), writing.origin.at
    former = None
    if writing.options.revive_deleted and lookup.user_name:
        former = revive_tombstone(resource_type=name, user_name=lookup.user_name)
    if former is None:
        created = StoredResource(new_id, name, text, 1, at, at)
        insert_resource(created, lookup=lookup, scim_client_id=writing.scim_client_id)
        return created, "created"
    revived = replace(former, document=text, version=former.version + 1, modified_at=at)
    update_resource(revived, lookup=lookup)
    return revived, "revived"
