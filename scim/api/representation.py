"""Stored documents as answers: computed attributes, `id` and `meta` are spliced into the stored text.

The text is parsed only when an answer shows less than the whole.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from scim.protocol import bounds
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.messages import list_response
from scim.protocol.projection import View
from scim.queries import MemberPage, Page
from scim.store.members import Member
from scim.store.resources import StoredResource


def resource_location(resource: StoredResource, locations: Mapping[str, str]) -> str:
    """The resource's own URL (RFC 7643 section 3.1, meta.location)."""
    return f"{locations[resource.resource_type]}{resource.id}"


def represent_resource(resource: StoredResource, *, view: View, locations: Mapping[str, str]) -> bytes:
    """The resource as JSON, as much of it as the view shows. Raises ScimError 400 tooMany beyond 20 MiB."""
    if resource.members and len(resource.members) > bounds.RESPONSE_BYTES:
        members = f"{resource_location(resource, locations)}/members"
        raise ScimError(f"The group has too many members for one response: see {members}.", scim_type=ScimType.TOO_MANY)
    text = _represent_whole(resource, locations)
    return text if view.is_whole else orjson.dumps(view.project(orjson.loads(text)))


def represent_page(page: Page, *, views: Mapping[str, View], locations: Mapping[str, str]) -> bytes:
    """A ListResponse (RFC 7644 section 3.4.2), each resource in the view of its type.

    Raises ScimError 400 tooMany beyond 20 MiB.
    """
    resources = [
        represent_resource(resource, view=views[resource.resource_type], locations=locations)
        for resource in page.resources
    ]
    if sum(map(len, resources)) > bounds.RESPONSE_BYTES:
        raise ScimError("The page is too large for one response: ask for fewer.", scim_type=ScimType.TOO_MANY)
    return b'%s,"Resources":[%s]}' % (orjson.dumps(_head(page, len(resources)))[:-1], b",".join(resources))


def represent_members(page: MemberPage, *, locations: Mapping[str, str]) -> dict[str, Any]:
    """A ListResponse of members, each as it stands in the group's `members`."""
    return {**_head(page, len(page.members)), "Resources": [_member(member, locations) for member in page.members]}


def _head(page: Page | MemberPage, count: int) -> dict[str, Any]:
    """A ListResponse without the resources."""
    head = list_response(
        (),
        total_results=page.total,
        start_index=page.start_index,
        previous_cursor=page.neighbors.previous,
        next_cursor=page.neighbors.next,
    )
    del head["Resources"]
    return {**head, "itemsPerPage": count}


def _member(member: Member, locations: Mapping[str, str]) -> dict[str, Any]:
    shown = {"value": str(member.id), "$ref": f"{locations[member.type]}{member.id}", "type": member.type}
    return {**shown, "display": member.display} if member.display else shown


def _represent_whole(resource: StoredResource, locations: Mapping[str, str]) -> bytes:
    parts = [resource.document[:-1].encode()]
    if resource.groups:
        parts += [b',"groups":[', resource.groups, b"]"]
    if resource.members:
        parts += [b',"members":[', resource.members, b"]"]
    # Nothing here needs to be escaped: times, ids, a location and the name of a type are made of plain characters.
    end = (
        f',"id":"{resource.id}","meta":{{"resourceType":"{resource.resource_type}",'
        f'"created":"{_format_time(resource.created_at)}","lastModified":"{_format_time(resource.modified_at)}",'
        f'"location":"{resource_location(resource, locations)}","version":"W/\\"{resource.version}\\""}}}}'
    )
    return b"".join([*parts, end.encode()])


def _format_time(moment: datetime) -> str:
    """As the database gives it, in UTC."""
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"
