"""Groups of the bound tenant that share a displayName: they may while the tenant has it so, and stay afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from labsninja.kernel.isolation import tenant_scope
from scim.store.group_names import MOST_TOLD, read_repeated_names

__all__ = ["MOST_TOLD", "SharedName", "list_shared_names"]


@dataclass(frozen=True)
class SharedName:
    """`name` as the oldest of the groups writes it."""

    name: str
    ids: Sequence[UUID]


def list_shared_names() -> Sequence[SharedName]:
    """At most MOST_TOLD, those of most groups first."""
    with tenant_scope():
        found = read_repeated_names()
    return [SharedName(str(orjson.loads(one.document).get("displayName", "")), one.ids) for one in found]
