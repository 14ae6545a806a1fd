"""What was deleted lies in the trash until it is purged: which groups it was in, and when its values went for good."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

KINDS = ("created", "revived", "restored", "replaced", "patched", "members", "deleted")
LABELS = {"members": "Members changed"}


class Migration(migrations.Migration):
    """Adds left_groups and purged_at to scim_resource, with the index scim_resource_trash."""

    dependencies = [("scim", "0022_request_count")]

    operations = [
        lock_timeout(),
        migrations.AddField("resource", "left_groups", ArrayField(models.UUIDField(), null=True)),
        migrations.AddField("resource", "purged_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "resource",
            models.Index(
                condition=models.Q(deleted_at__isnull=False, purged_at=None),
                fields=["tenant_id", "deleted_at", "id"],
                name="scim_resource_trash",
            ),
        ),
        migrations.AlterField(
            "change",
            "kind",
            models.TextField(choices=[(kind, LABELS.get(kind, kind.capitalize())) for kind in KINDS]),
        ),
    ]
