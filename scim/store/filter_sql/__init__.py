"""Filters and sorting (RFC 7644 sections 3.4.2.2 and 3.4.2.3) as SQL over a resource row `r`.

Held to `scim.protocol.filter.evaluate` and `scim.protocol.sorting` by tests that compare what both find. Whatever a
user sends, names of attributes too, is a parameter and never text of the statement: two filters of one shape are one
statement to PostgreSQL.
"""

from scim.store.filter_sql.conditions import compile_filter
from scim.store.filter_sql.keyset import compile_keyset
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.sorting import compile_sort

__all__ = ["Parameters", "compile_filter", "compile_keyset", "compile_sort"]
