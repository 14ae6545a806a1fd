"""One user or group for people to look at: its values, the whole as the wire has it, and the groups that it is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import tenant_scope
from scim.protocol.versions import format_etag
from scim.queries.directory import find_type
from scim.queries.resources import NoSuchResourceError, find_resource
from scim.store.change_reading import read_changes
from scim.store.computed import Aspects
from scim.store.members.ancestry import StepUp, read_steps_up
from scim.store.resources import StoredResource

DELETED: Final = "deleted"


@dataclass(frozen=True)
class Profile:
    """A resource, or what it was when it was deleted. `whole` is what the wire shows, without a group's
    members.
    """

    id: UUID
    version: int
    document: Mapping[str, Any]
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None
    whole: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people know it by."""
        return str(self.document.get("displayName") or self.document.get("userName") or self.id)

    @property
    def is_active(self) -> bool:
        return self.document.get("active") is not False


@dataclass(frozen=True)
class GroupOf:
    """A group that somebody is in: directly, since when; or through the others of the path, the nearest first."""

    id: UUID
    name: str
    since: datetime
    through: Sequence[StepUp] = ()


def find_profile(*, type_name: str, resource_id: UUID, locations: Mapping[str, str]) -> Profile:
    """The bound tenant's, deleted ones too. Raises NoSuchResourceError."""
    kind = find_type(name=type_name)
    try:
        found = find_resource(resource_type=kind, resource_id=resource_id, aspects=Aspects(locations, groups=True))
    except NoSuchResourceError:
        return _find_deleted(type_name, resource_id)
    document, whole = orjson.loads(found.document), make_whole(found, locations)
    return Profile(found.id, found.version, document, found.created_at, found.modified_at, None, whole)


def make_whole(found: StoredResource, locations: Mapping[str, str]) -> dict[str, Any]:
    """As the wire shows it, with the groups where they were asked for and without a group's members."""
    groups = {"groups": orjson.loads(b"[%s]" % found.groups)} if found.groups else {}
    return {**orjson.loads(found.document), **groups, "id": str(found.id), "meta": _make_meta(found, locations)}


def list_groups_of(*, resource_id: UUID) -> Sequence[GroupOf]:
    """Every group that somebody is in, those directly first; the shortest way where there are several."""
    with tenant_scope():
        steps = read_steps_up(resource_id=resource_id)
    ways: dict[UUID, tuple[StepUp, ...]] = {resource_id: ()}
    for step in steps:
        if step.group_id not in ways and step.member_id in ways:
            ways[step.group_id] = (*ways[step.member_id], step)
    return [GroupOf(way[-1].group_id, way[-1].group_name, way[-1].added_at, way[:-1]) for way in ways.values() if way]


def _find_deleted(type_name: str, resource_id: UUID) -> Profile:
    with tenant_scope():
        rows = read_changes(resource_id=resource_id, limit=1)
    if not rows or rows[0].kind != DELETED or rows[0].resource_type != type_name:
        raise NoSuchResourceError
    last = rows[0]
    document = orjson.loads(last.before) if last.before else {}
    return Profile(resource_id, last.version, document, last.at, last.at, last.at)


def _make_meta(found: StoredResource, locations: Mapping[str, str]) -> dict[str, str]:
    return {
        "resourceType": found.resource_type,
        "created": _format(found.created_at),
        "lastModified": _format(found.modified_at),
        "location": f"{locations[found.resource_type]}{found.id}",
        "version": format_etag(found.version),
    }


def _format(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"
