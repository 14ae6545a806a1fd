"""The table of the tenants' data keys: rows are added, re-wrapped and retired, never deleted by the app role."""

import uuid_utils.compat
from django.db import migrations, models
from django.db.models.functions import Now

from labsninja.kernel.isolation.context import current_tenant
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout


class Migration(migrations.Migration):
    """Creates kernel_data_key."""

    initial = True
    dependencies = []

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("tenant_id", models.UUIDField(default=current_tenant, editable=False)),
                ("kek_id", models.TextField()),
                ("wrapped", models.BinaryField()),
                ("active", models.BooleanField()),
                ("created", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "kernel_data_key",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["tenant_id"], condition=models.Q(active=True), name="kernel_data_key_one_active"
                    ),
                ],
            },
        ),
        # The platform role deletes the keys of a tenant that is erased: without them its secrets are noise.
        TenantTable("kernel_data_key", app="SELECT, INSERT, UPDATE"),
    ]
