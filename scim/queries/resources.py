"""Reading the directory: each query is one short scope and gives plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.protocol.errors import ScimError
from scim.protocol.list_query import ListQuery
from scim.protocol.schemas.definitions import ResourceType
from scim.queries.cursors import NO_NEIGHBORS, Asker, Neighbors, Walk, cut_page, find_neighbors
from scim.store.computed import Aspects
from scim.store.counters import live_total
from scim.store.pipeline import drop_connection, reading_scope
from scim.store.resources import StoredResource, get_resource
from scim.store.search import Search, search_page

LARGE = 4 * 1024 * 1024  # bytes of a group's members


class NoSuchResourceError(ScimError):
    """404: the one answer to an id that is unknown, deleted, malformed or another tenant's."""

    def __init__(self) -> None:
        super().__init__("There is no such resource.", status=404)


@dataclass(frozen=True)
class Page:
    """Some of the resources that match: `total` of them in all, these from the 1-based `start_index` on.

    A page that a cursor led to has no number but `neighbors`.
    """

    resources: Sequence[StoredResource] = field(default_factory=tuple)
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


def find_resource(*, resource_type: ResourceType, resource_id: UUID, aspects: Aspects) -> StoredResource:
    """The resource of the bound tenant, in one round trip. Raises NoSuchResourceError."""
    with reading_scope(revision=resource_type.revision, by_keys=True):
        answer = get_resource(resource_type=resource_type.name, resource_id=resource_id, aspects=aspects)
    found = answer.first()
    if found is None:
        raise NoSuchResourceError
    return found


def search_resources(
    *, resource_types: Sequence[ResourceType], query: ListQuery, aspects: Aspects, asker: Asker
) -> Page:
    """The page of resources of these types, in one round trip.

    Raises ScimError 400 invalidCursor, expiredCursor, invalidCount.
    """
    walk = Walk(asker, query)
    position = walk.open()
    search = Search(query.filter, query.sort, query.page, position)
    with reading_scope(revision=resource_types[0].revision, by_keys=search.is_by_keys):
        answer = search_page(resource_types=resource_types, search=search, locations=aspects.locations, aspects=aspects)
    found = answer.read()
    _give_back(*found.resources)
    if query.page.cursor is None:
        return Page(found.resources, found.total, query.page.start_index)
    rows = list(zip(found.resources, found.keys, strict=True))
    kept, before, behind = cut_page(rows, query.page, position)
    ends = [(str(resource.id), key) for resource, key in kept]
    neighbors = find_neighbors(walk, ends, before=before, behind=behind)
    return Page([resource for resource, _key in kept], found.total, None, neighbors)


def _give_back(*resources: StoredResource) -> None:
    """Keep no connection that has grown by what it brought."""
    if any(len(resource.members) > LARGE for resource in resources if resource.members):
        drop_connection()


@dataclass(frozen=True)
class DirectorySize:
    """Live resources of the two kinds that every tenant has."""

    users: int
    groups: int


def count_directory() -> DirectorySize:
    """Users and groups of the bound tenant: from the maintained totals, so that a million rows cost nothing."""
    with tenant_scope():
        return DirectorySize(live_total(resource_type="User").read(), live_total(resource_type="Group").read())
