"""Going through all resources that a filter matches, in batches, so that any number takes the same memory."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.filter.nodes import Node
from scim.protocol.schemas.definitions import ResourceType
from scim.store.computed import PLAIN
from scim.store.filter_sql import Parameters, compile_filter
from scim.store.resources import COLUMNS, StoredResource
from scim.store.search import LIVE

BATCH: Final = 1_000
START: Final = UUID(int=0)
# In the order of ids, by index scim_resource_live, from behind the last one that was read.
NEXT: Final = """
SELECT {columns}, {computed} FROM scim_resource r
WHERE {live} AND r.id > %(after)s AND ({condition}) ORDER BY r.id LIMIT %(limit)s
"""


def read_batch(
    *, resource_type: ResourceType, condition: Node | None, after: UUID, locations: Mapping[str, str]
) -> Sequence[StoredResource]:
    """At most BATCH of the bound tenant's resources with ids greater than that one."""
    scope = current_scope()
    params = Parameters(tenant_id=scope.tenant_id, resource_type=resource_type, locations=locations)
    text = compile_filter(condition, params) if condition else "TRUE"
    params.values |= {"after": after, "limit": BATCH}
    parts = {"columns": COLUMNS, "computed": PLAIN.columns, "live": LIVE, "condition": text}
    return [StoredResource(*row) for row in scope.execute(NEXT.format(**parts), params.values).fetchall()]
