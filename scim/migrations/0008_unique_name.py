"""Names that a tenant keeps unique by choice: those of groups, unless it switched that off."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout


class Migration(migrations.Migration):
    """Adds scim_resource.unique_name. Resources stored before are unique from their next write on."""

    dependencies = [("scim", "0007_request_log")]

    operations = [
        lock_timeout(),
        migrations.AddField(
            model_name="resource",
            name="unique_name",
            field=models.TextField(db_collation="C", null=True),
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)),
                fields=("tenant_id", "resource_type", "unique_name"),
                name="scim_resource_unique_name_unique",
            ),
        ),
    ]
