"""Reading the directory: each query is one short scope and gives plain values."""

from scim.queries.cursors import Asker, Neighbors
from scim.queries.members import MemberPage, list_member_page
from scim.queries.resources import (
    Aspects,
    NoSuchResourceError,
    Page,
    Shown,
    find_resource,
    parse_resource_id,
    search_resources,
    show_resource,
)
from scim.queries.schemas import find_present_schemas, find_schemas, is_refreshed, list_attribute_indexes

__all__ = [
    "Asker",
    "Aspects",
    "MemberPage",
    "Neighbors",
    "NoSuchResourceError",
    "Page",
    "Shown",
    "find_present_schemas",
    "find_resource",
    "find_schemas",
    "is_refreshed",
    "list_attribute_indexes",
    "list_member_page",
    "parse_resource_id",
    "search_resources",
    "show_resource",
]
