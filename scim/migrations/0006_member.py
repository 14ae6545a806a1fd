"""Memberships, a tenant table without a model: only the SQL of `scim.store.members` touches it.

One row per direct member of a group. `value` is what the member is called there: the member's id once it is known, and
before that the text the client sent, with its folded form to recognize the member by when it arrives.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

CREATE = """
CREATE TABLE scim_member (
    tenant_id uuid NOT NULL,
    group_id uuid NOT NULL,
    value text COLLATE "C" NOT NULL,
    folded text COLLATE "C",
    member_id uuid,
    member_type text COLLATE "C",
    added_at timestamptz NOT NULL,
    CONSTRAINT scim_member_known_or_pending CHECK (
        CASE WHEN member_id IS NULL THEN member_type IS NULL AND folded IS NOT NULL
             ELSE member_type IN ('User', 'Group') AND folded IS NULL AND value = member_id::text END
    )
)
"""
# Which groups a resource is in; a page of users asks for all of theirs at once.
GROUPS_OF = """
CREATE INDEX scim_member_groups_of ON scim_member (tenant_id, member_id, group_id) WHERE member_id IS NOT NULL
"""
PENDING = "CREATE INDEX scim_member_pending ON scim_member (tenant_id, folded) WHERE member_id IS NULL"


class Migration(migrations.Migration):
    """Creates scim_member."""

    dependencies = [("scim", "0005_counter")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_member"),
        migrations.RunSQL(GROUPS_OF, migrations.RunSQL.noop),
        migrations.RunSQL(PENDING, migrations.RunSQL.noop),
        TenantTable("scim_member", app="SELECT, INSERT, UPDATE, DELETE", key=("tenant_id", "group_id", "value")),
        CompositeForeignKey("scim_member", "group_id", to="scim_resource"),
        CompositeForeignKey("scim_member", "member_id", to="scim_resource"),
    ]
