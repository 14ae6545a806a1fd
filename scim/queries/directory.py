"""Users and groups of the bound tenant for people to look at: searched, narrowed, sorted, a page at a time.

It is the search of the wire with the words of a person: the same statements, the same indexes, the same cursors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import tenant_scope
from scim.protocol.dialects.base import Reading
from scim.protocol.filter.nodes import And, Node
from scim.protocol.filter.parser import parse_filter
from scim.protocol.list_query import ListQuery
from scim.protocol.pagination import PageRequest
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.sorting import Sort, read_sort
from scim.queries.cursors import Asker, Neighbors
from scim.queries.members import MemberPage, list_member_page
from scim.queries.resources import NoSuchResourceError, search_resources
from scim.queries.schemas import find_present_schemas
from scim.store.computed import Aspects
from scim.store.members import count_members
from scim.store.resources import StoredResource

PAGE_SIZE: Final = 50
MOST_COUNTED: Final = 1_000  # members of a group in a list of groups
SURFACE: Final = "console"  # whose cursors they are: pages of a list are shared among operators
# What a text is sought in. Each has an index or a column; a value is found in the middle, too.
SOUGHT: Final = {"User": ("userName", "displayName", "emails.value"), "Group": ("displayName",)}
NAMES: Final = {"User": "userName", "Group": "displayName"}
SORTS: Final = {"name": "", "display": "displayName", "changed": "meta.lastModified", "created": "meta.created"}
STATES: Final = {"active": "active eq true", "inactive": "active eq false"}


@dataclass(frozen=True)
class DirectoryQuery:
    """What is looked for. `text` stands in a name or address, or is an id; `condition` is a SCIM filter; `sort` one of
    SORTS, with a minus for the greatest first.
    """

    text: str = ""
    state: str = ""
    condition: str = ""
    sort: str = "name"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.state or self.condition)


@dataclass(frozen=True)
class Entry:
    """A resource as a list shows it; `members` is how many a group has, counted to MOST_COUNTED + 1."""

    id: UUID
    name: str
    display: str
    email: str
    is_active: bool
    created_at: datetime
    modified_at: datetime
    members: int = 0


@dataclass(frozen=True)
class DirectoryPage:
    """Some of `total` entries, and the cursors of the pages beside them."""

    entries: Sequence[Entry]
    total: int
    neighbors: Neighbors


def find_type(*, name: str) -> ResourceType:
    """User or Group, with the attributes that the bound tenant has added. Raises NoSuchResourceError."""
    found = find_present_schemas().resource_type(name)
    if found is None:
        raise NoSuchResourceError
    return found


def list_directory(
    *, type_name: str, wanted: DirectoryQuery, cursor: str, at: datetime, locations: Mapping[str, str]
) -> DirectoryPage:
    """A page; an empty cursor is the first one. Raises ScimError 400 invalidFilter, invalidCursor, expiredCursor."""
    kind = find_type(name=type_name)
    query = replace(make_list_query(kind, wanted), page=PageRequest(1, PAGE_SIZE, cursor))
    asker = Asker(SURFACE, kind.endpoint, at)
    found = search_resources(resource_types=[kind], query=query, aspects=Aspects(locations), asker=asker)
    entries = [make_entry(resource) for resource in found.resources]
    if type_name == "Group":
        entries = _count_members(entries)
    return DirectoryPage(entries, found.total, found.neighbors)


def list_members(*, group_id: UUID, cursor: str, at: datetime, locations: Mapping[str, str]) -> MemberPage:
    """A page of a group's members, in the order of their ids.

    Raises NoSuchResourceError, ScimError 400 invalidCursor, expiredCursor.
    """
    query = ListQuery(page=PageRequest(1, PAGE_SIZE, cursor))
    asker = Asker(SURFACE, f"/Groups/{group_id}/members", at)
    return list_member_page(group_id=group_id, query=query, locations=locations, asker=asker)


def make_list_query(kind: ResourceType, wanted: DirectoryQuery) -> ListQuery:
    """The words of a person as a query of the wire. Raises ScimError 400 invalidFilter."""
    return ListQuery(filter=_make_condition(kind, wanted), sort=_make_sort(kind, wanted.sort))


def make_entry(resource: StoredResource) -> Entry:
    document = orjson.loads(resource.document)
    return Entry(
        resource.id,
        str(document.get(NAMES[resource.resource_type], "")),
        str(document.get("displayName", "")),
        _find_email(document),
        document.get("active") is not False,
        resource.created_at,
        resource.modified_at,
    )


def _make_condition(kind: ResourceType, wanted: DirectoryQuery) -> Node | None:
    sought = [f"{path} co {_quote(wanted.text)}" for path in SOUGHT[kind.name]] if wanted.text else []
    if _is_id(wanted.text):
        sought = [f"{path} eq {_quote(wanted.text)}" for path in ("id", "externalId")]
    state = STATES.get(wanted.state, "") if kind.name == "User" else ""
    texts = (" or ".join(sought), state, wanted.condition)
    nodes = [parse_filter(text, namespace=kind.namespace, reading=Reading()) for text in texts if text]
    return And(tuple(nodes)) if len(nodes) > 1 else next(iter(nodes), None)


def _make_sort(kind: ResourceType, sort: str) -> Sort | None:
    path = SORTS.get(sort.removeprefix("-")) or NAMES[kind.name]
    order = "descending" if sort.startswith("-") else "ascending"
    return read_sort(path, order, namespace=kind.namespace, reading=Reading())


def _count_members(entries: Sequence[Entry]) -> list[Entry]:
    with tenant_scope():
        counts = count_members(group_ids=[entry.id for entry in entries], at_most=MOST_COUNTED + 1)
    return [replace(entry, members=counts.get(entry.id, 0)) for entry in entries]


def _find_email(document: Mapping[str, Any]) -> str:
    """The primary address, or else the first."""
    held = [email for email in document.get("emails", ()) if isinstance(email, dict)]
    chosen = next((email for email in held if email.get("primary") is True), held[0] if held else {})
    return str(chosen.get("value", ""))


def _quote(text: str) -> str:
    return orjson.dumps(text).decode()


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
