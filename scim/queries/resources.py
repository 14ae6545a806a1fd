"""Reading the directory: each query is one short scope and gives plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.protocol.errors import ScimError
from scim.protocol.list_query import ListQuery
from scim.protocol.schemas.definitions import ResourceType
from scim.queries.cursors import NO_NEIGHBORS, Asker, Neighbors, Walk, cut_page, find_neighbors
from scim.store.chosen import Ids
from scim.store.counters import live_total
from scim.store.members import GroupOf, list_groups_of_many, render_members
from scim.store.pipeline import pipelined_scope
from scim.store.resources import StoredResource, get_resource
from scim.store.schemas import check_revision
from scim.store.search import FoundAnswer, Search, choose_looked_up, search_page


class NoSuchResourceError(ScimError):
    """404: the one answer to an id that is unknown, deleted, malformed or another tenant's."""

    def __init__(self) -> None:
        super().__init__("There is no such resource.", status=404)


@dataclass(frozen=True)
class Aspects:
    """Which computed attributes an answer shows, and by resource type the address that stands before an id."""

    locations: Mapping[str, str]
    groups: bool = False
    members: bool = False

    @property
    def is_computed(self) -> bool:
        return self.groups or self.members


@dataclass(frozen=True)
class Shown:
    """A resource with its computed attributes: the groups it is in, members as a JSON array's text without brackets."""

    resource: StoredResource
    groups: Sequence[GroupOf] = ()
    members: str = ""


@dataclass(frozen=True)
class Page:
    """Some of the resources that match: `total` of them in all, these from the 1-based `start_index` on.

    A page that a cursor led to has no number but `neighbors`.
    """

    resources: Sequence[Shown] = field(default_factory=tuple)
    total: int = 0
    start_index: int | None = 1
    neighbors: Neighbors = NO_NEIGHBORS


def parse_resource_id(text: str) -> UUID:
    """The id that a text is. Raises NoSuchResourceError: ids are opaque and case-sensitive, one spelling each."""
    try:
        found = UUID(text)
    except ValueError:
        raise NoSuchResourceError from None
    if str(found) != text:
        raise NoSuchResourceError
    return found


def find_resource(*, resource_type: ResourceType, resource_id: UUID, aspects: Aspects) -> Shown:
    """The resource of the bound tenant, in one round trip. Raises NoSuchResourceError."""
    with pipelined_scope():
        check_revision(resource_type.revision)
        answer = get_resource(resource_type=resource_type.name, resource_id=resource_id)
        computed = _Computed([resource_id], aspects)
    found = answer.first()
    if found is None:
        raise NoSuchResourceError
    return computed.show(found)


def show_resource(*, resource: StoredResource, aspects: Aspects) -> Shown:
    """A resource that was just written, with its computed attributes; no statement when none is asked for."""
    if not aspects.is_computed:
        return Shown(resource)
    with pipelined_scope():
        computed = _Computed([resource.id], aspects)
    return computed.show(resource)


def search_resources(
    *, resource_types: Sequence[ResourceType], query: ListQuery, aspects: Aspects, asker: Asker
) -> Page:
    """The page of resources of these types, in one round trip; two when computed attributes are shown of what no
    look-up found.

    Raises ScimError 400 invalidCursor, expiredCursor, invalidCount.
    """
    walk = Walk(asker, query)
    position = walk.open()
    search = Search(query.filter, query.sort, query.page, position)
    with pipelined_scope():
        check_revision(resource_types[0].revision)
        sought: _Sought = {"resource_types": resource_types, "search": search, "locations": aspects.locations}
        answer = search_page(**sought)
        computed = _Computed(_choose_shown(answer, sought) if aspects.is_computed else [], aspects)
    found = answer.read()
    if query.page.cursor is None:
        return Page([computed.show(resource) for resource in found.resources], found.total, query.page.start_index)
    rows = list(zip(found.resources, found.keys, strict=True))
    kept, before, behind = cut_page(rows, query.page, position)
    ends = [(str(resource.id), key) for resource, key in kept]
    neighbors = find_neighbors(walk, ends, before=before, behind=behind)
    return Page([computed.show(resource) for resource, _key in kept], found.total, None, neighbors)


class _Sought(TypedDict):
    resource_types: Sequence[ResourceType]
    search: Search
    locations: Mapping[str, str]


def _choose_shown(answer: FoundAnswer, sought: _Sought) -> Ids:
    """The page's ids: as a subquery where that is cheap, else read, which costs a round trip."""
    return choose_looked_up(**sought) or [one.id for one in answer.read().resources]


class _Computed:
    """Computed attributes of some resources: asked for within a scope, read when it has closed."""

    def __init__(self, ids: Ids, aspects: Aspects) -> None:
        self._groups = list_groups_of_many(resource_ids=ids) if aspects.groups and ids else None
        self._members = render_members(group_ids=ids, locations=aspects.locations) if aspects.members and ids else None
        self._by_resource: Mapping[UUID, Sequence[GroupOf]] | None = None
        self._by_group: Mapping[UUID, str] | None = None

    def show(self, resource: StoredResource) -> Shown:
        if self._by_resource is None:
            self._by_resource = self._groups.by_resource() if self._groups else {}
            self._by_group = self._members.by_group() if self._members else {}
        groups = self._by_resource.get(resource.id, ()) if resource.resource_type == "User" else ()
        return Shown(resource, groups, (self._by_group or {}).get(resource.id, ""))


@dataclass(frozen=True)
class DirectorySize:
    """Live resources of the two kinds that every tenant has."""

    users: int
    groups: int


def count_directory() -> DirectorySize:
    """Users and groups of the bound tenant: from the maintained totals, so that a million rows cost nothing."""
    with tenant_scope():
        return DirectorySize(live_total(resource_type="User").read(), live_total(resource_type="Group").read())
