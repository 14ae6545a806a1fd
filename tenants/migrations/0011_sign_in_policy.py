"""Whether the members of a tenant need a second factor. A tenant table, so that its owners can decide."""

import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout


class Migration(migrations.Migration):
    """Creates tenants_sign_in_policy."""

    dependencies = [("tenants", "0010_customer")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="SignInPolicy",
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
                ("operators_need_factor", models.BooleanField(db_default=False, default=False)),
                ("customers_need_factor", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "db_table": "tenants_sign_in_policy",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("tenant_id",), name="tenants_sign_in_policy_one")],
            },
        ),
        TenantTable("tenants_sign_in_policy", app="SELECT, INSERT, UPDATE"),
        migrations.RunSQL("GRANT SELECT ON tenants_sign_in_policy TO ln_lookup", migrations.RunSQL.noop),
    ]
