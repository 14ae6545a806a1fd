"""What a resource row `r` is sorted by, as `scim.protocol.sorting` has it.

It is NULL, which PostgreSQL takes for greater than any value, where the resource has none.
"""

from scim.protocol.paths import AttributePath
from scim.protocol.sorting import Sort
from scim.store.filter_sql.columns import find_column
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.places import Form, Place, as_text
from scim.store.filter_sql.rows import find_rows, place_in_rows
from scim.store.index import TEXTS


def compile_sort(sort: Sort, params: Parameters) -> Place:
    """The expression to order by, and its form."""
    rows = find_rows(sort.path, params)
    if rows:
        first = place_in_rows(sort.path, *rows)
        lone = f"(SELECT {first.expression} FROM {first.source} ORDER BY {rows[1]}.value LIMIT 1)"  # noqa: S608  # our texts
        return Place(lone, first.form)
    column = find_column(sort.path, params)
    return column or _compile_preferred(sort.path, params)


def _compile_preferred(path: AttributePath, params: Parameters) -> Place:
    """Of several values the primary one, or else the first."""
    holder = f"r.search -> {params.hold(path.schema)}" if path.schema else "r.search"
    values = f"({holder} -> {params.hold(path.attribute.name)})"
    if path.attribute.multi_valued:
        values = f"coalesce(jsonb_path_query_first({values}, '$[*] ? (@.primary == true)'), {values} -> 0)"
    if path.sub_attribute is not None:
        values = f"({values} -> {params.hold(path.sub_attribute.name)})"
        if path.sub_attribute.multi_valued:
            values = f"({values} -> 0)"
    return Place(as_text(values), Form.TEXT) if path.leaf.type in TEXTS else Place(values, Form.JSON)
