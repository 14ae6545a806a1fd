"""Sealed events in the order of their leaves: a position in it is good for ever, for no transaction that commits late
comes to lie before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.models import AuditEvent
from audit.reading.contents import Content, read_contents
from labsninja.kernel.isolation import Scope

# Reading stops behind the event that passes the bound of bytes. A leaf whose event went with its month is passed over.
SEALED = """
SELECT e.* FROM audit_leaf l
JOIN audit_event e ON e.tenant_id = l.tenant_id AND e.at = l.event_at AND e.id = l.event_id
WHERE l.tenant_id = %(tenant)s AND e.tenant_id = %(tenant)s
  AND l.leaf_index >= %(first)s AND l.leaf_index < %(end)s ORDER BY l.leaf_index
"""
END = """
SELECT max(leaf_index) + 1 FROM (
    SELECT leaf_index, sum(octet_length(canonical)) OVER (ORDER BY leaf_index) - octet_length(canonical) AS before
    FROM audit_leaf l
    LEFT JOIN audit_event e ON e.tenant_id = l.tenant_id AND e.at = l.event_at AND e.id = l.event_id
    WHERE l.tenant_id = %(tenant)s AND l.leaf_index >= %(first)s AND l.leaf_index < %(first)s::bigint + %(most)s
) AS near WHERE coalesce(before, 0) < %(bytes)s
"""


@dataclass(frozen=True)
class Batch:
    """Events of the leaves from `first` to before `end`; fewer when some have been dropped."""

    contents: Sequence[Content]
    first: int
    end: int


def read_sealed(*, scope: Scope, first: int, most: int, most_bytes: int) -> Batch:
    """What comes from the leaf `first` on, in at most so many leaves and about so many bytes, one event at least."""
    values = {"tenant": scope.tenant_id, "first": first, "most": most, "bytes": most_bytes}
    end = scope.execute(END, values).fetchone()[0]
    if end is None:
        return Batch([], first, first)
    events = list(AuditEvent.objects.raw(SEALED, values | {"end": end}))
    return Batch(read_contents(events), first, end)
