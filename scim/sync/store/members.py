"""Members of groups here and over there: what differs, and who waits for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from scim.sync.store import run_statement

# Whoever is not known over there yet is left out: their link wakes the group when they are. Primary keys of scim_member
# (tenant_id, group_id, member_id) and sync_link.
TO_ADD: Final = """
SELECT m.member_id, l.remote_id FROM scim_member m
JOIN sync_link l ON l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s AND l.resource_id = m.member_id
WHERE m.tenant_id = %(tenant)s AND m.group_id = %(group)s AND l.remote_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM sync_link_member t WHERE t.tenant_id = %(tenant)s AND t.connector_id = %(connector)s
                  AND t.group_id = %(group)s AND t.member_id = m.member_id)
ORDER BY m.member_id LIMIT %(limit)s
"""
# Whoever left only because their deletion is held back stays over there.
TO_REMOVE: Final = """
SELECT t.member_id, l.remote_id FROM sync_link_member t
LEFT JOIN sync_link l ON l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s AND l.resource_id = t.member_id
WHERE t.tenant_id = %(tenant)s AND t.connector_id = %(connector)s AND t.group_id = %(group)s
  AND NOT EXISTS (SELECT FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.group_id = %(group)s
                  AND m.member_id = t.member_id)
  AND NOT EXISTS (SELECT FROM scim_hold h JOIN scim_resource r ON r.tenant_id = %(tenant)s AND r.id = h.resource_id
                  WHERE h.tenant_id = %(tenant)s AND h.resource_id = t.member_id AND h.state = 'held'
                    AND h.kind = 'deletion' AND %(group)s = ANY(r.left_groups))
ORDER BY t.member_id LIMIT %(limit)s
"""
COUNTS: Final = """
SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.group_id = %(group)s AND m.member_id = t.member_id))
FROM sync_link_member t
WHERE t.tenant_id = %(tenant)s AND t.connector_id = %(connector)s AND t.group_id = %(group)s
"""
# The same as numbers for several groups, those that differ.
DIFFER: Final = """
SELECT group_id, present, coming, leaving FROM unnest(%(ids)s::uuid[]) AS given (group_id) CROSS JOIN LATERAL (
    SELECT (SELECT count(*) FROM sync_link_member t
            WHERE t.tenant_id = %(tenant)s AND t.connector_id = %(connector)s AND t.group_id = given.group_id
           ) AS present,
           (SELECT count(*) FROM scim_member m
            JOIN sync_link l ON l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s
                            AND l.resource_id = m.member_id
            WHERE m.tenant_id = %(tenant)s AND m.group_id = given.group_id AND l.remote_id IS NOT NULL
              AND NOT EXISTS (SELECT FROM sync_link_member t
                              WHERE t.tenant_id = %(tenant)s AND t.connector_id = %(connector)s
                                AND t.group_id = given.group_id AND t.member_id = m.member_id)) AS coming,
           (SELECT count(*) FROM sync_link_member t
            WHERE t.tenant_id = %(tenant)s AND t.connector_id = %(connector)s AND t.group_id = given.group_id
              AND NOT EXISTS (SELECT FROM scim_member m WHERE m.tenant_id = %(tenant)s
                              AND m.group_id = given.group_id AND m.member_id = t.member_id)) AS leaving
) found WHERE coming + leaving > 0
"""
ADDED: Final = """
INSERT INTO sync_link_member (tenant_id, connector_id, group_id, member_id)
SELECT %(tenant)s::uuid, %(connector)s::uuid, %(group)s::uuid, unnest(%(ids)s::uuid[]) ON CONFLICT DO NOTHING
"""
REMOVED: Final = """
DELETE FROM sync_link_member WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND group_id = %(group)s
  AND member_id = ANY(%(ids)s)
"""
# A group that is gone over there has no members there, and whoever is gone is in no group there.
FORGET: Final = """
DELETE FROM sync_link_member
WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND (group_id = %(id)s OR member_id = %(id)s)
"""
LOOK_AGAIN: Final = """
UPDATE sync_link l SET wanted = l.wanted + 1, attempts = 0, next_attempt_at = clock_timestamp(), error_sig = NULL,
    reason = '', state = CASE l.state WHEN 'leased' THEN 'leased' ELSE 'pending' END
"""
# Groups of whoever is known over there from now on, by scim_member's index of members.
WAKE_GROUPS: Final = f"""
{LOOK_AGAIN} FROM scim_member m WHERE m.tenant_id = %(tenant)s AND m.member_id = ANY(%(ids)s)
  AND l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s AND l.resource_id = m.group_id
  AND l.state NOT IN ('pending', 'retry')
"""  # put together from our own texts alone
WAIT: Final = """
INSERT INTO sync_wait (tenant_id, connector_id, needs_id, waiting_id)
SELECT %(tenant)s::uuid, %(connector)s::uuid, unnest(%(ids)s::uuid[]), %(waiting)s::uuid ON CONFLICT DO NOTHING
"""
WAKE_WAITING: Final = f"""
WITH woken AS (
    DELETE FROM sync_wait WHERE tenant_id = %(tenant)s AND connector_id = %(connector)s AND needs_id = ANY(%(ids)s)
    RETURNING waiting_id
) {LOOK_AGAIN} FROM woken w
WHERE l.tenant_id = %(tenant)s AND l.connector_id = %(connector)s AND l.resource_id = w.waiting_id
"""  # noqa: S608  # put together from our own texts alone


@dataclass(frozen=True)
class MemberDifference:
    """Members to add and to remove over there, by id here with the id there; None where it is known no more."""

    added: dict[UUID, str]
    removed: dict[UUID, str | None]
    is_whole: bool
    present: int = 0
    leaving: int = 0


@dataclass(frozen=True)
class GroupDifference:
    """How many members are there, come, and go."""

    present: int
    coming: int
    leaving: int


def compare_groups(*, connector_id: UUID, group_ids: Collection[UUID]) -> dict[UUID, GroupDifference]:
    """Those whose members differ."""
    rows = run_statement(DIFFER, connector=connector_id, ids=list(group_ids)).fetchall()
    return {group_id: GroupDifference(*counts) for group_id, *counts in rows}


def compare_members(*, connector_id: UUID, group_id: UUID, limit: int) -> MemberDifference:
    """What differs, at most `limit` each way; `present` members are there now, of whom `leaving` are to go."""
    given: dict[str, Any] = {"connector": connector_id, "group": group_id}
    added = dict(run_statement(TO_ADD, limit=limit + 1, **given).fetchall())
    removed = dict(run_statement(TO_REMOVE, limit=limit + 1, **given).fetchall())
    present, leaving = run_statement(COUNTS, **given).fetchone() if removed else (0, 0)
    is_whole = len(added) <= limit and len(removed) <= limit
    return MemberDifference(
        dict(list(added.items())[:limit]), dict(list(removed.items())[:limit]), is_whole, present, leaving
    )


def store_members(
    *, connector_id: UUID, group_id: UUID, added: Iterable[UUID] = (), removed: Iterable[UUID] = ()
) -> None:
    """Keep what was written over there."""
    given: dict[str, Any] = {"connector": connector_id, "group": group_id}
    if ids := list(added):
        run_statement(ADDED, ids=ids, **given)
    if ids := list(removed):
        run_statement(REMOVED, ids=ids, **given)


def forget_members(*, connector_id: UUID, resource_id: UUID) -> None:
    """Of a group, or of whoever is gone over there."""
    run_statement(FORGET, connector=connector_id, id=resource_id)


def wait_for(*, connector_id: UUID, waiting_id: UUID, needs: Collection[UUID]) -> None:
    """Have another look at a resource as soon as those are known over there."""
    if needs:
        run_statement(WAIT, connector=connector_id, waiting=waiting_id, ids=list(needs))


def wake_waiting(*, connector_id: UUID, known: Collection[UUID]) -> None:
    """Those became known over there: their groups, and whoever refers to them, are looked at again."""
    if known:
        run_statement(WAKE_GROUPS, connector=connector_id, ids=list(known))
        run_statement(WAKE_WAITING, connector=connector_id, ids=list(known))
