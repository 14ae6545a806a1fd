"""Deleted users by name, for tenants that chose to revive them."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout


class Migration(migrations.Migration):
    """Adds the index scim_resource_tombstone."""

    dependencies = [("scim", "0009_change_members")]

    operations = [
        lock_timeout(),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["tenant_id", "resource_type", "user_name"],
                name="scim_resource_tombstone",
            ),
        ),
    ]
