"""The index of unique names holds only resources that have one.

With everybody in it, most of them under NULL, it was the smallest index of the table, and so the planner's choice
wherever it expected a single row: a look-up by id then read the whole tenant.
"""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

NAME = "scim_resource_unique_name_unique"


class Migration(migrations.Migration):
    """Narrows scim_resource_unique_name_unique."""

    dependencies = [("scim", "0011_member_groups_included")]

    operations = [
        lock_timeout(),
        migrations.RemoveConstraint(model_name="resource", name=NAME),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None), ("unique_name__isnull", False)),
                fields=("tenant_id", "resource_type", "unique_name"),
                name=NAME,
            ),
        ),
    ]
