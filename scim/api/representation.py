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
from scim.protocol.versions import format_etag
from scim.queries import MemberPage, Page, Shown
from scim.store.members import Member
from scim.store.resources import StoredResource


def resource_location(resource: StoredResource, locations: Mapping[str, str]) -> str:
    """The resource's own URL (RFC 7643 section 3.1, meta.location)."""
    return f"{locations[resource.resource_type]}{resource.id}"


def represent_resource(shown: Shown, *, view: View, locations: Mapping[str, str]) -> bytes:
    """The resource as JSON, as much of it as the view shows. Raises ScimError 400 tooMany beyond 20 MiB."""
    if len(shown.members) > bounds.RESPONSE_BYTES:
        members = f"{resource_location(shown.resource, locations)}/members"
        raise ScimError(f"The group has too many members for one response: see {members}.", scim_type=ScimType.TOO_MANY)
    text = _represent_whole(shown, locations)
    return text if view.is_whole else orjson.dumps(view.project(orjson.loads(text)))


def represent_page(page: Page, *, views: Mapping[str, View], locations: Mapping[str, str]) -> bytes:
    """A ListResponse (RFC 7644 section 3.4.2), each resource in the view of its type.

    Raises ScimError 400 tooMany beyond 20 MiB.
    """
    resources = [
        represent_resource(shown, view=views[shown.resource.resource_type], locations=locations)
        for shown in page.resources
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


def _represent_whole(shown: Shown, locations: Mapping[str, str]) -> bytes:
    resource = shown.resource
    parts = [resource.document[:-1].encode()]
    if shown.groups:
        parts.append(b'"groups":' + orjson.dumps([_group(group, locations) for group in shown.groups]))
    if shown.members:
        parts.append(b'"members":[%s]' % shown.members.encode())
    meta = {
        "resourceType": resource.resource_type,
        "created": _format_time(resource.created_at),
        "lastModified": _format_time(resource.modified_at),
        "location": resource_location(resource, locations),
        "version": format_etag(resource.version),
    }
    parts.append(b'"id":"%s","meta":%s}' % (str(resource.id).encode(), orjson.dumps(meta)))
    return b",".join(parts)


def _group(group: Any, locations: Mapping[str, str]) -> dict[str, Any]:
    shown = {"value": str(group.id), "$ref": f"{locations['Group']}{group.id}", "type": group.type}
    return {**shown, "display": group.display} if group.display else shown


def _format_time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
