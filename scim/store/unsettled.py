"""Values that have to be unique while the rows that tell so are not complete: asked of the resources themselves.

Rows of concurrent writers still decide between these. What was stored before has, until it is looked at, no row; and
of values that occur more than once there is one row for several resources. This finds them all.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.filter.nodes import Comparison, Operator, Or
from scim.protocol.json_input import Json
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.definitions import ResourceType
from scim.store.filter_sql import Parameters, compile_filter

# By the attribute's index where only uniqueness is open, otherwise through all resources of the type.
IS_TAKEN: Final = """
SELECT EXISTS (SELECT FROM scim_resource r WHERE r.tenant_id = %(tenant)s AND r.resource_type = %(type)s
               AND r.deleted_at IS NULL AND r.id <> %(own)s AND ({condition}))
"""


def find_taken(
    *, resource_type: ResourceType, resource_id: UUID, values: Iterable[tuple[AttributePath, Json]]
) -> AttributePath | None:
    """Of values that the resource is about to get, the attribute of one that another resource has.

    Asks only about attributes that are not settled: a round trip for each, and usually none.
    """
    by_path: dict[AttributePath, list[Any]] = {}
    for path, value in values:
        if path.text in resource_type.unsettled:
            by_path.setdefault(path, []).append(value)
    for path, wanted in by_path.items():
        if _is_taken(resource_type, resource_id, path, wanted):
            return path
    return None


def _is_taken(resource_type: ResourceType, resource_id: UUID, path: AttributePath, wanted: list[Any]) -> bool:
    scope = current_scope()
    params = Parameters(tenant_id=scope.tenant_id, resource_type=resource_type, locations={})
    params.values["own"] = resource_id
    compared = tuple(Comparison(path, Operator.EQ, value) for value in wanted)
    condition = compile_filter(Or(compared) if len(compared) > 1 else compared[0], params)
    return bool(scope.execute(IS_TAKEN.format(condition=condition), params.values).fetchone()[0])
