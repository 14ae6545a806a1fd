"""Groups of a member in the index's leaves, no longer in its key.

From PostgreSQL 18 on an index serves a condition on a later column too, by skipping through the earlier ones: a plan
made while few members were known looked up a group that way, and skipped through every member once they were many.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

DROP = "DROP INDEX scim_member_groups_of"
BEFORE = (
    "CREATE INDEX scim_member_groups_of ON scim_member (tenant_id, member_id, group_id) WHERE member_id IS NOT NULL"
)
AFTER = """
CREATE INDEX scim_member_groups_of ON scim_member (tenant_id, member_id) INCLUDE (group_id) WHERE member_id IS NOT NULL
"""


class Migration(migrations.Migration):
    """Replaces scim_member_groups_of."""

    dependencies = [("scim", "0010_tombstone")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(DROP, BEFORE),
        migrations.RunSQL(AFTER, DROP),
    ]
