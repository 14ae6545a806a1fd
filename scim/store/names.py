"""By what people know resources, the deleted ones too: for histories, which name them by their ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope

# Primary key (tenant_id, id).
NAMES: Final = """
SELECT id, resource_type, coalesce(document::json ->> 'displayName', document::json ->> 'userName', ''),
       deleted_at IS NULL
FROM scim_resource WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)
"""


@dataclass(frozen=True)
class Known:
    """A resource by its name; one that is deleted keeps the last one it had."""

    id: UUID
    resource_type: str
    name: str
    is_live: bool


def read_names(*, ids: Iterable[UUID]) -> Mapping[UUID, Known]:
    """Those of the bound tenant among the ids."""
    scope = current_scope()
    rows = scope.execute(NAMES, {"tenant": scope.tenant_id, "ids": sorted(set(ids))}).fetchall()
    return {row[0]: Known(*row) for row in rows}
