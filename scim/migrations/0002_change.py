"""Changes, a tenant table: appended by writes, marked by the dispatcher, never otherwise altered."""

import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

KINDS = [("created", "Created"), ("deleted", "Deleted")]


class Migration(migrations.Migration):
    """Creates scim_change."""

    dependencies = [("scim", "0001_resource")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tenant_id",
                    models.UUIDField(default=labsninja.kernel.isolation.context.current_tenant, editable=False),
                ),
                ("resource_id", models.UUIDField()),
                ("resource_type", models.TextField()),
                ("version", models.IntegerField()),
                ("kind", models.TextField(choices=KINDS)),
                ("at", models.DateTimeField()),
                ("actor_id", models.TextField()),
                ("request_id", models.TextField()),
                ("before", models.TextField(null=True)),
                ("after", models.TextField(null=True)),
                ("dispatched_at", models.DateTimeField(null=True)),
                ("feed_seq", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "scim_change",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("dispatched_at", None)),
                        fields=["tenant_id", "id"],
                        name="scim_change_undispatched",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "resource_id", "version"), name="scim_change_version_unique"
                    ),
                    models.UniqueConstraint(fields=("tenant_id", "feed_seq"), name="scim_change_feed_seq_unique"),
                ],
            },
        ),
        TenantTable("scim_change", app="SELECT, INSERT, UPDATE (dispatched_at, feed_seq)"),
        CompositeForeignKey("scim_change", "resource_id", to="scim_resource"),
    ]
