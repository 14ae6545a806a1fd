"""Names of groups that have to be unique, or no longer: `unique_name` holds the one that the database refuses a second
time. Who is created while names may repeat has none.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope

MOST_TOLD: Final = 20
# One group of each name: the one that holds it already, or else the oldest. Index scim_resource_display_name.
CLAIM: Final = """
UPDATE scim_resource r SET unique_name = r.display_name FROM (
    SELECT DISTINCT ON (display_name) id FROM scim_resource
    WHERE tenant_id = %(tenant)s AND resource_type = 'Group' AND deleted_at IS NULL AND display_name IS NOT NULL
    ORDER BY display_name, unique_name IS NULL, id
) AS first WHERE r.tenant_id = %(tenant)s AND r.id = first.id AND r.unique_name IS NULL
"""
# Grouped along the index scim_resource_display_name; the rows of the few that are told are looked up by their keys.
REPEATED: Final = """
SELECT repeated.ids, repeated.total, r.document FROM (
    SELECT array_agg(id ORDER BY id) AS ids, count(*) AS total FROM scim_resource
    WHERE tenant_id = %(tenant)s AND resource_type = 'Group' AND deleted_at IS NULL AND display_name IS NOT NULL
    GROUP BY display_name HAVING count(*) > 1 ORDER BY count(*) DESC, display_name LIMIT %(most)s
) AS repeated JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = repeated.ids[1]
ORDER BY repeated.total DESC, r.display_name
"""


@dataclass(frozen=True)
class RepeatedName:
    """Several groups of one name: the oldest's document, and the ids of all."""

    document: str
    ids: tuple[UUID, ...]


def claim_group_names() -> int:
    """Give every name of a group of the open scope's tenant to one of its groups. Gives how many got theirs. Writers
    have to be kept out.
    """
    scope = current_scope()
    claimed: int = scope.execute(CLAIM, {"tenant": scope.tenant_id}).rowcount
    return claimed


def read_repeated_names() -> list[RepeatedName]:
    """The names that most groups share."""
    scope = current_scope()
    rows = scope.execute(REPEATED, {"tenant": scope.tenant_id, "most": MOST_TOLD}).fetchall()
    return [RepeatedName(document, tuple(ids)) for ids, _total, document in rows]
