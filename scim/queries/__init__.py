"""Reading the directory: each query is one short scope and gives plain values."""

from scim.queries.cursors import Asker, Neighbors
from scim.queries.members import MemberPage, list_member_page
from scim.queries.resources import (
    NoSuchResourceError,
    Page,
    find_resource,
    parse_resource_id,
    search_resources,
)
from scim.queries.schemas import find_present_schemas, find_schemas, is_refreshed, list_attribute_indexes
from scim.store.computed import PLAIN, Aspects

__all__ = [
    "PLAIN",
    "Asker",
    "Aspects",
    "MemberPage",
    "Neighbors",
    "NoSuchResourceError",
    "Page",
    "find_present_schemas",
    "find_resource",
    "find_schemas",
    "is_refreshed",
    "list_attribute_indexes",
    "list_member_page",
    "parse_resource_id",
    "search_resources",
]
