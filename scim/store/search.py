"""Pages of resources: filtered, sorted, counted, in one statement and so in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labsninja.kernel.isolation import current_scope
from scim.protocol.cursors import Position
from scim.protocol.filter.nodes import Comparison, Node, Operator
from scim.protocol.pagination import FIRST_PAGE, PageRequest
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.sorting import Sort
from scim.store.computed import PLAIN, Aspects
from scim.store.counters import TOTAL, TOTAL_OF_TYPES
from scim.store.filter_sql import Parameters, compile_filter, compile_keyset, compile_sort
from scim.store.filter_sql.places import Form
from scim.store.lookup import find_lookup
from scim.store.page_anchors import ANCHOR, FIRST, STRETCH
from scim.store.resources import COLUMNS, StoredResource

LIVE: Final = "r.tenant_id = %(tenant)s AND r.resource_type = %(type)s AND r.deleted_at IS NULL"

# The resources of one type; those of several are UNIONed.
ROWS: Final = "SELECT r.id, {key} AS key FROM scim_resource r WHERE {live}{condition}"
# No filter: the total is known, and the page is read from the index in whose order it stands (scim_resource_live, or
# that of a look-up column). Ids first: what is skipped need not be fetched.
UNFILTERED = """
WITH page AS MATERIALIZED (
    SELECT id, key FROM ({rows}) AS every {keyset} ORDER BY {order} OFFSET %(offset)s LIMIT %(limit)s
)
SELECT t.total, p.key::text, {columns}
FROM ({total}) AS t (total)
LEFT JOIN (page p JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = p.id) ON true ORDER BY {page_order}
"""
# The same far behind the first page: what is skipped is counted from the last anchor on. Its id comes as a parameter
# of the scan, for a condition with COALESCE in it would be evaluated behind row-level security, not by the index.
ANCHORED = """
WITH anchor AS MATERIALIZED ({anchor}), begin AS MATERIALIZED (
    SELECT coalesce((SELECT id FROM anchor), '{first}'::uuid) AS id,
           %(offset)s::bigint - coalesce((SELECT before FROM anchor), 0) AS skipped
), page AS MATERIALIZED (
    SELECT r.id, NULL::text AS key FROM scim_resource r WHERE {live} AND r.id >= (SELECT id FROM begin)
    ORDER BY r.id OFFSET (SELECT skipped FROM begin) LIMIT %(limit)s
)
SELECT t.total, p.key::text, {columns}
FROM ({total}) AS t (total)
LEFT JOIN (page p JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = p.id) ON true ORDER BY p.id
"""
# Materialized, so that a page by id does not tempt the planner to walk through the tenant in the order of ids.
FILTERED = """
WITH matched AS MATERIALIZED (
    {rows}
), page AS (
    SELECT id, key FROM matched {keyset} ORDER BY {order} OFFSET %(offset)s LIMIT %(limit)s
)
SELECT t.total, p.key::text, {columns}
FROM (SELECT count(*) FROM matched) AS t (total)
LEFT JOIN (page p JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = p.id) ON true ORDER BY {page_order}
"""
# One look-up column alone, first page: few rows, found by its index, and the same statement for everybody.
LOOKED_UP = """
SELECT count(*) OVER (), NULL, {columns} FROM scim_resource r WHERE {live} AND {condition} ORDER BY r.id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Found:
    """The resources of a page, how many match in all, and by what each of the page was sorted, as text."""

    resources: Sequence[StoredResource]
    total: int
    keys: Sequence[str | None] = ()


class FoundAnswer:
    """A page that may still be under way: read it after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._found: Found | None = None

    def read(self) -> Found:
        """The page; reading it again costs nothing."""
        if self._found is None:
            rows = self._cursor.fetchall()
            held = [(key, StoredResource(*columns)) for _total, key, *columns in rows if columns[0] is not None]
            total = int(rows[0][0]) if rows else 0
            self._found = Found([resource for _key, resource in held], total, tuple(key for key, _resource in held))
        return self._found


@dataclass(frozen=True)
class Search:
    """What to look for, in which order, and which page of it; `position` is what the page's cursor says."""

    condition: Node | None = None
    sort: Sort | None = None
    page: PageRequest = FIRST_PAGE
    position: Position | None = None

    @property
    def is_backward(self) -> bool:
        return self.position is not None and self.position.backward

    @property
    def descends(self) -> bool:
        """Whether the page is read from greater keys to lesser ones."""
        return (self.sort is not None and self.sort.descending) != self.is_backward

    @property
    def is_looked_up(self) -> bool:
        """Whether it is the first page of `attribute eq value` on a column with an index."""
        page, node = self.page, self.condition
        if self.sort is not None or page.offset or page.count == 0 or page.cursor is not None:
            return False
        if not isinstance(node, Comparison) or node.operator is not Operator.EQ or node.value is None:
            return False
        column = find_lookup(node.path)
        return node.path.text == "id" or (column is not None and column.has_index)

    @property
    def is_anchored(self) -> bool:
        """Whether it is a page of all, in the order of ids, so far behind that an anchor may stand before it."""
        is_plain = self.condition is None and self.sort is None and self.page.cursor is None
        return is_plain and self.page.offset >= STRETCH

    @property
    def is_by_keys(self) -> bool:
        """Whether one plan is right for all values, and for the first page as for the last."""
        return self.condition is None or self.is_looked_up


def search_page(
    *,
    resource_types: Sequence[ResourceType],
    search: Search,
    locations: Mapping[str, str],
    aspects: Aspects = PLAIN,
) -> FoundAnswer:
    """The live resources of the types that meet the condition: those of the page, and the total.

    In the order of the sort and then of their ids, types mixed. `locations` gives for each resource type the address
    that stands before the id, `https://.../scim/v2/Users/`: filters may name `meta.location` and `$ref`. A page by
    cursor comes with one resource more than its count when there is a further page in its direction.
    """
    params = _name_parameters(resource_types, search, locations)
    params.values |= aspects.params
    return FoundAnswer(current_scope().execute(_compile(search, resource_types, params, aspects), params.values))


def _name_parameters(
    resource_types: Sequence[ResourceType], search: Search, locations: Mapping[str, str]
) -> Parameters:
    params = Parameters(tenant_id=current_scope().tenant_id, resource_type=resource_types[0], locations=locations)
    params.values |= {"offset": search.page.offset, "limit": search.page.limit}
    return params


def _compile(search: Search, resource_types: Sequence[ResourceType], params: Parameters, aspects: Aspects) -> str:
    parts = {"live": LIVE, "columns": f"{COLUMNS}, {aspects.columns}", "total": TOTAL}
    if len(resource_types) > 1:
        params.values["types"] = [known.name for known in resource_types]
        parts["total"] = TOTAL_OF_TYPES
    elif search.condition is not None and search.is_looked_up:
        return LOOKED_UP.format(**parts, condition=compile_filter(search.condition, params))
    elif search.is_anchored:
        return ANCHORED.format(**parts, anchor=ANCHOR, first=FIRST)
    each = [params] if len(resource_types) == 1 else [params.of_type(known) for known in resource_types]
    rows, forms = zip(*(_compile_type(search, one) for one in each), strict=True)
    parts["rows"] = "\nUNION ALL ".join(rows)
    return (UNFILTERED if search.condition is None else FILTERED).format(**parts, **_order(search, forms[0], params))


def _compile_type(search: Search, params: Parameters) -> tuple[str, Form | None]:
    """The rows of one type, and the form of their key."""
    key = compile_sort(search.sort, params) if search.sort else None
    condition = f" AND ({compile_filter(search.condition, params)})" if search.condition else ""
    live = LIVE.replace("%(type)s", params.type_placeholder)
    return ROWS.format(
        key=key.expression if key else "NULL::text", live=live, condition=condition
    ), key.form if key else None


def _order(search: Search, form: Form | None, params: Parameters) -> dict[str, str]:
    """How the page is read, from where on, and how it is shown."""
    keyset = ""
    if search.position is not None:
        keyset = f"WHERE {compile_keyset(search.position, form, descending=search.descends, params=params)}"
    last = "id DESC" if search.is_backward else "id"
    if search.sort is None:
        return {"keyset": keyset, "order": last, "page_order": "p.id"}
    read, shown = ("DESC" if down else "ASC" for down in (search.descends, search.sort.descending))
    return {"keyset": keyset, "order": f"key {read}, {last}", "page_order": f"p.key {shown}, p.id"}
