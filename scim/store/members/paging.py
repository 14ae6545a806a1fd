"""Pages of a group's members, in the order of their ids: filtered, counted, by index or from a position on."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.cursors import Position
from scim.protocol.filter.nodes import Node
from scim.protocol.pagination import PageRequest
from scim.store.computed import DISPLAY, LIVE_MEMBERS
from scim.store.members.conditions import compile_condition
from scim.store.members.listing import Member

# The page is read in the order of the primary key (tenant_id, group_id, value).
PAGE: Final = """
WITH page AS MATERIALIZED (
    SELECT m.value, m.member_id, m.member_type, {display} AS display
    FROM (SELECT %(group)s::uuid AS id) g, {members} AND ({condition}) {keyset}
    ORDER BY m.value {direction} OFFSET %(offset)s LIMIT %(limit)s
)
SELECT t.total, p.member_id, p.member_type, p.display
FROM (SELECT count(*) FROM (SELECT %(group)s::uuid AS id) g, {members} AND ({condition})) AS t (total)
LEFT JOIN page p ON true ORDER BY p.value
"""


class MembersAnswer:
    """Members of a page that may still be under way: read it after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def read(self) -> tuple[Sequence[Member], int]:
        """The members and how many match in all."""
        rows = self._cursor.fetchall()
        return [Member(*row[1:]) for row in rows if row[1] is not None], int(rows[0][0])


def page_members(
    *,
    group_id: UUID,
    condition: Node | None,
    page: PageRequest,
    position: Position | None,
    locations: Mapping[str, str],
) -> MembersAnswer:
    """The live members that meet the condition; by cursor one more than the page's count when there are more."""
    text, params = compile_condition(condition, locations=locations) if condition else ("TRUE", {})
    scope = current_scope()
    params = {**params, "tenant": scope.tenant_id, "group": group_id, "offset": page.offset, "limit": page.limit}
    keyset, direction = "", "ASC"
    if position is not None:
        order, direction = ("<", "DESC") if position.backward else (">", "ASC")
        keyset, params["position"] = f"AND m.value {order} %(position)s", position.id
    parts = {"display": DISPLAY, "members": LIVE_MEMBERS, "keyset": keyset, "direction": direction}
    return MembersAnswer(scope.execute(PAGE.format(condition=text, **parts), params))
