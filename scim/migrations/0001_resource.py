"""Resources, a tenant table."""

import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

LIVE = models.Q(("deleted_at", None))


class Migration(migrations.Migration):
    """Creates scim_resource."""

    initial = True
    dependencies = []

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="Resource",
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
                ("resource_type", models.TextField()),
                ("user_name", models.TextField(db_collation="C", null=True)),
                ("external_id", models.TextField(db_collation="C", null=True)),
                ("display_name", models.TextField(db_collation="C", null=True)),
                ("active", models.BooleanField(null=True)),
                ("document", models.TextField()),
                ("version", models.IntegerField()),
                ("created_at", models.DateTimeField()),
                ("modified_at", models.DateTimeField()),
                ("scim_client_id", models.UUIDField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "scim_resource",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=LIVE,
                        fields=["tenant_id", "resource_type", "external_id"],
                        name="scim_resource_external_id",
                    ),
                    models.Index(
                        condition=LIVE, fields=["tenant_id", "resource_type", "id"], name="scim_resource_live"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=LIVE,
                        fields=("tenant_id", "resource_type", "user_name"),
                        name="scim_resource_user_name_unique",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="scim_resource_version_positive"
                    ),
                ],
            },
        ),
        TenantTable("scim_resource", app="SELECT, INSERT, UPDATE"),
    ]
