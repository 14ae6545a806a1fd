"""What filters look at: the search document beside each document, and an index on displayName."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

LIVE = models.Q(("deleted_at", None))


class Migration(migrations.Migration):
    """Adds scim_resource.search. A resource stored before is found by its look-up columns until it is written again."""

    dependencies = [("scim", "0002_change")]

    operations = [
        lock_timeout(),
        migrations.AddField(
            model_name="resource",
            name="search",
            field=models.JSONField(db_default=models.Value({}, output_field=models.JSONField())),
        ),
        migrations.AddIndex(
            model_name="resource",
            index=models.Index(
                condition=LIVE,
                fields=["tenant_id", "resource_type", "display_name"],
                name="scim_resource_display_name",
            ),
        ),
    ]
