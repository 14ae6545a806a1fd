"""The condition of a page that a cursor leads to, over its columns `key` and `id`.

NULL is greater than any key, as PostgreSQL orders it, so it comes last in ascending and first in descending order.
"""

from typing import Final
from uuid import UUID

from scim.protocol.cursors import Position
from scim.store.filter_sql.parameters import Parameters
from scim.store.filter_sql.places import Form

TYPES: Final = {Form.TEXT: "text", Form.JSON: "jsonb", Form.FLAG: "boolean", Form.MOMENT: "timestamptz"}


def compile_keyset(position: Position, form: Form | None, *, descending: bool, params: Parameters) -> str:
    """SQL: the row stands behind the position; backward, before it. `form` is that of the key, None without one.

    `descending` is the order in which the page is read, turned round when it is read backward.
    """
    order = "<" if position.backward else ">"
    beyond = f"id {order} {params.hold(UUID(position.id), 'uuid')}"
    if form is None:
        return beyond
    if position.key is None:
        return f"(key IS NOT NULL OR {beyond})" if descending else f"(key IS NULL AND {beyond})"
    key = params.hold_text(position.key, TYPES[form])
    if descending:
        return f"(key <= {key} AND (key < {key} OR {beyond}))"
    return f"(key IS NULL OR key > {key} OR (key = {key} AND {beyond}))"
