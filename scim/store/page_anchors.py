"""Anchors: ids in the order of ids, and how many live resources stand from each up to the next.

A page far behind the first is found from the last anchor before it, instead of through all that is skipped. Who creates
or deletes leaves a step, a row of its own, so that writers don't queue for a count; from time to time steps are folded
into the anchors. Anchors and steps together are exact in every snapshot: a resource and its step are written by one
statement, and folding counts anew, in one snapshot, the stretches whose steps it takes away.
"""

from typing import Final

from labsninja.kernel.isolation import current_scope

FIRST: Final = "00000000-0000-0000-0000-000000000000"
BEHIND: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"
STRETCH: Final = 1_000  # what an anchor stands for; twice as many are split
WORTHWHILE: Final = 500  # steps
# `id`, and how many live resources come before it, of the last anchor that is not behind the page. The primary keys of
# both tables have the order.
ANCHOR: Final = """
SELECT id, before FROM (
    SELECT id, is_anchor, coalesce(sum(number) OVER (
        ORDER BY id, is_anchor DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
    FROM (
        SELECT first_id AS id, live AS number, TRUE AS is_anchor FROM scim_page_anchor
        WHERE tenant_id = %(tenant)s AND resource_type = %(type)s
        UNION ALL
        SELECT resource_id, number, FALSE FROM scim_page_step
        WHERE tenant_id = %(tenant)s AND resource_type = %(type)s
    ) AS counted
) AS placed WHERE is_anchor AND before <= %(offset)s ORDER BY id DESC LIMIT 1
"""
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('scim_page ' || %s::text, 0))"
FIND_WAITING: Final = """
SELECT resource_type FROM scim_page_step WHERE tenant_id = %s
GROUP BY resource_type HAVING count(*) >= %s ORDER BY resource_type
"""
# A stretch is read from scim_resource_live, between its anchor and the next.
FOLD: Final = f"""
WITH taken AS (
    DELETE FROM scim_page_step WHERE tenant_id = %(tenant)s AND resource_type = %(type)s RETURNING resource_id
), touched AS (
    SELECT DISTINCT coalesce((
        SELECT first_id FROM scim_page_anchor
        WHERE tenant_id = %(tenant)s AND resource_type = %(type)s AND first_id <= t.resource_id
        ORDER BY first_id DESC LIMIT 1), '{FIRST}') AS first_id
    FROM taken t
), stretch AS (
    SELECT first_id, coalesce((
        SELECT first_id FROM scim_page_anchor
        WHERE tenant_id = %(tenant)s AND resource_type = %(type)s AND first_id > t.first_id
        ORDER BY first_id LIMIT 1), '{BEHIND}') AS ends_before
    FROM touched t
), numbered AS (
    SELECT s.first_id, r.id, row_number() OVER (PARTITION BY s.first_id ORDER BY r.id) - 1 AS at,
           count(*) OVER (PARTITION BY s.first_id) AS total
    FROM stretch s CROSS JOIN LATERAL (
        SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = %(type)s AND deleted_at IS NULL
           AND id >= s.first_id AND id < s.ends_before
    ) AS r
), parts AS (
    SELECT CASE WHEN min(at) = 0 THEN first_id ELSE (array_agg(id ORDER BY id))[1] END AS first_id, count(*) AS live
    FROM numbered GROUP BY first_id, CASE WHEN total <= {2 * STRETCH} THEN 0 ELSE at / {STRETCH} END
)
INSERT INTO scim_page_anchor AS a (tenant_id, resource_type, first_id, live)
SELECT %(tenant)s, %(type)s, coalesce(p.first_id, s.first_id), coalesce(p.live, 0)
FROM stretch s FULL JOIN parts p ON p.first_id = s.first_id
ON CONFLICT (tenant_id, resource_type, first_id) DO UPDATE SET live = excluded.live
"""  # noqa: S608  # numbers and ids of our own


def find_waiting_types(*, at_least: int = WORTHWHILE) -> list[str]:
    """The resource types of the bound tenant with so many steps."""
    scope = current_scope()
    return [name for (name,) in scope.execute(FIND_WAITING, [scope.tenant_id, at_least]).fetchall()]


def fold_steps(*, resource_type: str) -> None:
    """Fold the steps of the type into its anchors, splitting what has grown. One at a time for a tenant."""
    scope = current_scope()
    scope.execute(LOCK, [scope.tenant_id])
    scope.execute(FOLD, {"tenant": scope.tenant_id, "type": resource_type})
