"""What a write leaves behind, in its own transaction: the change row and the audit event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from audit.actions import Action, Outcome
from audit.actors import Origin
from audit.services import Event, Target, record_event
from audit.subject_keys import expect_subject_key
from scim.protocol.json_input import JsonObject
from scim.store.changes import Step, append_change
from scim.store.members import MemberChange
from scim.store.resources import StoredResource

ACTIONS: Mapping[tuple[str, str], Action] = {
    ("User", "created"): Action.USER_CREATED,
    ("User", "revived"): Action.USER_CREATED,
    ("User", "restored"): Action.USER_RESTORED,
    ("User", "replaced"): Action.USER_UPDATED,
    ("User", "patched"): Action.USER_UPDATED,
    ("User", "deleted"): Action.USER_DELETED,
    ("Group", "created"): Action.GROUP_CREATED,
    ("Group", "restored"): Action.GROUP_RESTORED,
    ("Group", "replaced"): Action.GROUP_UPDATED,
    ("Group", "patched"): Action.GROUP_UPDATED,
    ("Group", "members"): Action.GROUP_UPDATED,
    ("Group", "deleted"): Action.GROUP_DELETED,
}
# Of the types that tenants define.
OTHERS: Mapping[str, Action] = {
    "created": Action.RESOURCE_CREATED,
    "revived": Action.RESOURCE_CREATED,
    "restored": Action.RESOURCE_RESTORED,
    "replaced": Action.RESOURCE_UPDATED,
    "patched": Action.RESOURCE_UPDATED,
    "deleted": Action.RESOURCE_DELETED,
}
NOT_CHANGES = {"schemas"}
MOST_LISTED = 1_000  # members that an event names; it always tells how many there were


@dataclass(frozen=True)
class Deed:
    """One write of one resource: documents before and after (None where there was none), and what became of members.

    `clears_members` is whether the request removed all members without naming them (tolerances T06, T36 and T40).
    """

    kind: str
    resource: StoredResource
    before: JsonObject | None
    after: JsonObject | None
    members: MemberChange = field(default_factory=MemberChange)
    clears_members: bool = False


def prepare_deed(*, resource_type: str, resource_id: UUID) -> None:
    """Ask in the open scope for what the event will need, so that it comes with the resource that is read next."""
    if _is_person(resource_type):
        expect_subject_key(subject_id=str(resource_id))


def record_deed(*, deed: Deed, origin: Origin) -> None:
    """Append the change of a new version and its event."""
    resource = deed.resource
    step = Step(
        resource.id,
        resource.resource_type,
        resource.version,
        deed.kind,
        origin.at,
        _dump(deed.before),
        _dump(deed.after),
        _dump_members(deed.members),
    )
    append_change(step, actor_id=origin.actor.id, request_id=origin.request_id)
    changes = [*compare_documents(before=deed.before or {}, after=deed.after or {}), *_compare_members(deed.members)]
    record_event(event=_event(deed, Outcome.DONE, changes), origin=origin)


def record_unchanged(*, deed: Deed, origin: Origin) -> None:
    """Append the event of a write that changed nothing: no version, no change row."""
    record_event(event=_event(deed, Outcome.UNCHANGED, []), origin=origin)


def compare_documents(*, before: JsonObject, after: JsonObject) -> list[dict[str, Any]]:
    """What differs, by attribute: path, and before and after where there was or is a value."""
    changed = [path for path in {**before, **after} if before.get(path) != after.get(path) and path not in NOT_CHANGES]
    sides = (("before", before), ("after", after))
    return [{"path": path, **{side: held[path] for side, held in sides if path in held}} for path in changed]


def _compare_members(members: MemberChange) -> list[dict[str, Any]]:
    if not members.is_visible and not members.unknown:
        return []
    told = {"added": members.added, "removed": members.removed, "unknown": members.unknown}
    listed = {name: [str(value) for value in values[:MOST_LISTED]] for name, values in told.items() if values}
    counts = {f"{name}Count": len(values) for name, values in told.items() if len(values) > MOST_LISTED}
    return [{"path": "members", **listed, **counts}]


def _event(deed: Deed, outcome: Outcome, changes: Sequence[Mapping[str, Any]]) -> Event:
    document = deed.after or deed.before or {}
    display = document.get("userName") or document.get("displayName") or ""
    target = Target(deed.resource.resource_type, str(deed.resource.id), display)
    action = ACTIONS.get((deed.resource.resource_type, deed.kind)) or OTHERS[deed.kind]
    details: dict[str, Any] = {"kind": deed.kind, "version": deed.resource.version}
    if deed.clears_members:
        details["massRemoval"] = len(deed.members.removed)
    return Event(action, target, outcome, changes, details, of_person=_is_person(deed.resource.resource_type))


def _is_person(resource_type: str) -> bool:
    """Whether its values are personal: types that tenants define may hold people, too."""
    return resource_type != "Group"


def _dump(document: JsonObject | None) -> str | None:
    return None if document is None else orjson.dumps(document).decode()


def _dump_members(members: MemberChange) -> str | None:
    if not members.is_visible:
        return None
    return orjson.dumps({"added": _texts(members.added), "removed": _texts(members.removed)}).decode()


def _texts(ids: Sequence[UUID]) -> list[str]:
    return [str(member_id) for member_id in ids]
