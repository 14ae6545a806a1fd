"""Statistics that keep plans by keys, before there is anything to gather them from and for every tenant alike.

PostgreSQL takes `deleted_at IS NULL` for rare until it has seen rows, and a tenant that it has not seen among the
common ones for empty. Either way it expects one row of a whole tenant, any index looks as good as the right one, and
the first import of a tenant reads the tenant once for each member. So the planner is told once and for all that a
tenant may be the whole table, and the tables begin with the statistics of a plausible directory.
"""

from typing import Any

from django.db import migrations

from labsninja.kernel.isolation.context import DEPLOYMENT_TENANT_ID
from labsninja.kernel.isolation.rls import lock_timeout

TABLES = ("scim_resource", "scim_resource_index", "scim_member")
UNSEEN = (
    "SELECT bool_and(reltuples < 0) FROM pg_class WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace"
)
# Whatever row-level security lets one see. A table that was emptied by DELETE counts as empty until autovacuum comes,
# and plans for its first real rows expect none; of the size of a truncated one nothing is known.
REFERRING = "scim_change"
NEVER_WRITTEN = "SELECT bool_and(pg_relation_size(name::regclass) = 0) FROM unnest(%s::text[]) AS t(name)"
ENTER = "SELECT set_config('app.tenant_id', %s, true)"
# Two tenants of one row each: no value is common, so n_distinct is all that is known of the column.
STRANGERS = ("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002")
LONE = """
INSERT INTO scim_resource (tenant_id, id, resource_type, document, version, created_at, modified_at)
VALUES (%(tenant)s, %(tenant)s, 'Group', '{}', 1, now(), now());
INSERT INTO scim_resource_index (tenant_id, resource_type, path, value, resource_id)
VALUES (%(tenant)s, 'Group', 'x', 'x', %(tenant)s);
INSERT INTO scim_member (tenant_id, group_id, value, folded, added_at)
VALUES (%(tenant)s, %(tenant)s, 'x', 'x', now())
"""
# 1,000 people with an e-mail address each, and 10 groups of 100.
DIRECTORY = """
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, external_id, display_name, unique_name, active,
                           document, version, created_at, modified_at)
SELECT %(tenant)s, gen_random_uuid(), CASE WHEN n <= 1000 THEN 'User' ELSE 'Group' END,
       CASE WHEN n <= 1000 THEN 'user' || n END, 'ext' || n, 'name' || n, CASE WHEN n > 1000 THEN 'name' || n END, true,
       '{}', 1, now(), now()
FROM generate_series(1, 1010) AS n;
INSERT INTO scim_resource_index (tenant_id, resource_type, path, value, resource_id)
SELECT tenant_id, resource_type, 'emails.value', user_name || '@example.com', id
FROM scim_resource WHERE resource_type = 'User';
INSERT INTO scim_member (tenant_id, group_id, value, member_id, member_type, added_at)
SELECT u.tenant_id, g.id, u.id::text, u.id, 'User', now()
FROM scim_resource u JOIN scim_resource g
  ON g.resource_type = 'Group' AND substr(g.display_name, 5)::int - 1001 = substr(u.display_name, 5)::int %% 10
WHERE u.resource_type = 'User'
"""


def give_first_statistics(_apps: Any, schema_editor: Any) -> None:
    """Gather them from sample rows, unless the tables have been analyzed before."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(UNSEEN, [list(TABLES)])
        if not cursor.fetchone()[0]:
            return
        cursor.execute(NEVER_WRITTEN, [[*TABLES, REFERRING]])
        was_never_written = cursor.fetchone()[0]
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ALTER tenant_id SET (n_distinct = 1)")
        for tenant in STRANGERS:
            _insert(cursor, LONE, tenant)
        cursor.execute(f"ANALYZE {', '.join(f'{table} (tenant_id)' for table in TABLES)}")
        for tenant in STRANGERS:
            _clear(cursor, tenant)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ALTER tenant_id SET STATISTICS 0")  # what is known of it stays
        _insert(cursor, DIRECTORY, str(DEPLOYMENT_TENANT_ID))
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
        _clear(cursor, str(DEPLOYMENT_TENANT_ID))
        if was_never_written:
            cursor.execute(f"TRUNCATE {', '.join((*TABLES, REFERRING))}")


def _insert(cursor: Any, statements: str, tenant: str) -> None:
    cursor.execute(ENTER, [tenant])
    for statement in statements.split(";"):
        cursor.execute(statement, {"tenant": tenant})


def _clear(cursor: Any, tenant: str) -> None:
    cursor.execute(ENTER, [tenant])
    for table in reversed(TABLES):
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608  # a name of our own
    cursor.execute(ENTER, [""])


class Migration(migrations.Migration):
    """Settles what is known of tenant_id and gathers the first statistics of the rest."""

    dependencies = [("scim", "0012_unique_name_of_some")]

    operations = [
        lock_timeout(),
        migrations.RunPython(give_first_statistics, migrations.RunPython.noop),
    ]
