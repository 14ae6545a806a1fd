"""What a client asks a list for (RFC 7644 section 3.4.2): the same parameters in a URL and in a search request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.filter.nodes import Node
from scim.protocol.filter.parser import parse_filter
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json
from scim.protocol.pagination import FIRST_PAGE, PageRequest, read_page
from scim.protocol.paths import Namespace
from scim.protocol.projection import DEFAULT_PROJECTION, Projection, read_projection
from scim.protocol.sorting import Sort, read_sort

# By their names in a search request (section 3.4.3, RFC 9865 section 3).
PARAMETERS: Final = (
    "filter",
    "attributes",
    "excludedAttributes",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
)
_PARAMETERS: Final = frozenset(fold_name(name) for name in PARAMETERS)


@dataclass(frozen=True)
class ListQuery:
    filter: Node | None = None
    projection: Projection = DEFAULT_PROJECTION
    sort: Sort | None = None
    page: PageRequest = FIRST_PAGE


DEFAULT_QUERY: Final = ListQuery()


def read_list_query(parameters: Mapping[str, Json], *, namespace: Namespace, reading: Reading) -> ListQuery:
    """Read parameters, case of their names aside; others are ignored (tolerance T52).

    Raises ScimError 400 invalidFilter, invalidPath (`sortBy`), invalidValue, or what read_page raises.
    """
    known = {fold_name(name): value for name, value in parameters.items() if fold_name(name) in _PARAMETERS}
    if not known:
        return DEFAULT_QUERY
    return ListQuery(
        _read_filter(known.get("filter"), namespace, reading),
        read_projection(known.get("attributes"), known.get("excludedattributes"), namespace=namespace, reading=reading),
        read_sort(known.get("sortby"), known.get("sortorder"), namespace=namespace, reading=reading),
        read_page(known.get("startindex"), known.get("count"), known.get("cursor")),
    )


def _read_filter(raw: Json, namespace: Namespace, reading: Reading) -> Node | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise ScimError("filter has to be text.", scim_type=ScimType.INVALID_FILTER)
    return parse_filter(raw, namespace=namespace, reading=reading)
