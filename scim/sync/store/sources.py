"""The directory as sync reads it: documents of some resources, or of all in turn."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from scim.sync.store import run_statement

# By scim_hold_open (tenant_id, resource_id): whoever is held back is to be seen as such, not as gone.
IS_HELD: Final = """
EXISTS (SELECT FROM scim_hold h WHERE h.tenant_id = %(tenant)s AND h.resource_id = r.id AND h.state = 'held')
"""
# Primary key.
OF_IDS: Final = f"""
SELECT r.id, r.resource_type, r.document, r.deleted_at IS NOT NULL, {IS_HELD}
FROM scim_resource r WHERE r.tenant_id = %(tenant)s AND r.id = ANY(%(ids)s)
"""  # noqa: S608  # put together from our own texts alone
# In the order of ids, by scim_resource_live.
NEXT: Final = f"""
SELECT r.id, r.resource_type, r.document, false, {IS_HELD}
FROM scim_resource r
WHERE r.tenant_id = %(tenant)s AND r.resource_type = %(type)s AND r.deleted_at IS NULL AND r.id > %(after)s
ORDER BY r.id LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
# Links whose resource lives no more, in the order of their primary key.
ORPHANS: Final = f"""
SELECT r.id, r.resource_type, r.document, true, {IS_HELD}
FROM sync_link l JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = l.resource_id
WHERE l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s AND l.resource_id > %(after)s
  AND l.remote_id IS NOT NULL AND r.deleted_at IS NOT NULL
ORDER BY l.resource_id LIMIT %(limit)s
"""  # noqa: S608  # put together from our own texts alone
# Direct groups by scim_member's index of members; only where a mapping asks for them.
GROUP_NAMES: Final = """
SELECT m.member_id, array_agg(g.document::jsonb ->> 'displayName')
FROM scim_member m JOIN scim_resource g ON g.tenant_id = %(tenant)s AND g.id = m.group_id AND g.deleted_at IS NULL
WHERE m.tenant_id = %(tenant)s AND m.member_id = ANY(%(ids)s) GROUP BY m.member_id
"""


@dataclass(frozen=True)
class Source:
    """A resource here; `document` is without id, meta and members. What is gone keeps its last document."""

    id: UUID
    resource_type: str
    document: dict[str, Any]
    is_gone: bool = False
    is_held: bool = False

    @property
    def name(self) -> str:
        """What people know it by."""
        return str(self.document.get("userName") or self.document.get("displayName") or self.id)


def read_sources(*, resource_ids: Collection[UUID]) -> Mapping[UUID, Source]:
    """Those of the ids that exist or existed."""
    return {source.id: source for source in _read(run_statement(OF_IDS, ids=list(resource_ids)))}


def read_next_sources(*, resource_type: str, after: UUID, limit: int) -> list[Source]:
    """Some that live, behind an id."""
    return _read(run_statement(NEXT, type=resource_type, after=after, limit=limit))


def read_orphans(*, connector_id: UUID, after: UUID, limit: int) -> list[Source]:
    """Some that are known over there and are gone here, behind an id."""
    return _read(run_statement(ORPHANS, connector=connector_id, after=after, limit=limit))


def read_group_names(*, resource_ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
    """The names of the groups in which each is directly."""
    rows = run_statement(GROUP_NAMES, ids=list(resource_ids)).fetchall()
    return {member: frozenset(name for name in names if name) for member, names in rows}


def _read(answer: Any) -> list[Source]:
    return [
        Source(found, name, orjson.loads(text), is_gone=gone, is_held=held)
        for found, name, text, gone, held in answer.fetchall()
    ]
