"""The values by which a request names members: whom they stand for, and what became of them.

A value is the id of a live User or Group of the tenant. One that is not may be its externalId, or a user's userName:
a client that knows no ids yet names its members so, and whether the user or the group came first must not matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.folding import fold_text

# Common table expressions. `given`: the values of the request; `named`: with the id each stands for, or NULL.
# Look-ups by the primary key, scim_resource_external_id and scim_resource_user_name_unique, one after the other and
# only as far as needed. An externalId need not be unique: the oldest counts; an aggregate, since ORDER BY and LIMIT 1
# would tempt the planner to walk through the tenant in the order of ids.
NAMED = """
given AS (
    SELECT value, id, folded
    FROM unnest(%(values)s::text[], %(ids)s::uuid[], %(folded)s::text[]) AS g(value, id, folded)
), named AS MATERIALIZED (
    SELECT g.value, g.folded, coalesce(
        (SELECT r.id FROM scim_resource r WHERE r.tenant_id = %(tenant)s AND r.id = g.id
           AND r.resource_type IN ('User', 'Group') AND r.deleted_at IS NULL),
        (SELECT (array_agg(r.id ORDER BY r.id))[1] FROM scim_resource r WHERE r.tenant_id = %(tenant)s
           AND r.resource_type IN ('User', 'Group') AND r.external_id = g.value AND r.deleted_at IS NULL),
        (SELECT r.id FROM scim_resource r WHERE r.tenant_id = %(tenant)s
           AND r.resource_type = 'User' AND r.user_name = g.folded AND r.deleted_at IS NULL)
    ) AS id FROM given g
)
"""
FIND_UNKNOWN = f"WITH {NAMED} SELECT value FROM named WHERE id IS NULL ORDER BY value"  # noqa: S608  # our own text

FEW = 100


@dataclass(frozen=True)
class MemberChange:
    """What really changed. `unknown` are the values that stand for nobody yet: stored as pending, and not shown."""

    added: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_visible(self) -> bool:
        """Whether the group reads otherwise than before."""
        return bool(self.added or self.removed)

    def then(self, later: "MemberChange") -> "MemberChange":
        """This change and a later one of the same group in one: who left and came back has not changed."""
        added = (set(self.added) - set(later.removed)) | (set(later.added) - set(self.removed))
        removed = (set(self.removed) - set(later.added)) | (set(later.removed) - set(self.added))
        unknown = dict.fromkeys((*self.unknown, *later.unknown))
        return MemberChange(tuple(sorted(added)), tuple(sorted(removed)), tuple(unknown))


def find_unknown(*, values: Iterable[str]) -> list[str]:
    """The values that no live User or Group of the tenant answers to; costs a round trip."""
    scope = current_scope()
    params = read_values(values)
    cursor = scope.execute(plan_for(FIND_UNKNOWN, params), {"tenant": scope.tenant_id, **params})
    return [value for (value,) in cursor.fetchall()]


def read_values(values: Iterable[str]) -> dict[str, list[Any]]:
    """Parameters of `given`: each value once, with the id it may be and its folded form."""
    distinct = list(dict.fromkeys(values))
    return {
        "values": distinct,
        "ids": [_read_id(value) for value in distinct],
        "folded": [fold_text(value) for value in distinct],
    }


def plan_for(statement: str, params: Mapping[str, Any]) -> str:
    """The statement, as a text of its own when there are many values.

    A connection may have cached its plan while the directory was so small that reading all of it was the cheapest: a
    few look-ups bear that, 10,000 do not.
    """
    return f"{statement} -- many" if len(params.get("values", ())) > FEW else statement


def _read_id(value: str) -> UUID | None:
    """Ids are case exact: only our own spelling is one."""
    try:
        read = UUID(value)
    except ValueError:
        return None
    return read if str(read) == value else None
