"""SCIM clients, a tenant table."""

import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

import labsninja.kernel.isolation.context
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

KINDS = [
    ("okta", "Okta"),
    ("entra", "Microsoft Entra ID"),
    ("google", "Google Workspace"),
    ("onelogin", "OneLogin"),
    ("ping", "Ping Identity"),
    ("jumpcloud", "JumpCloud"),
    ("custom", "Custom"),
]


class Migration(migrations.Migration):
    """Creates tenants_scim_client."""

    dependencies = [("tenants", "0001_tenant")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="ScimClient",
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
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(choices=KINDS, default="custom", max_length=20)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "db_table": "tenants_scim_client",
                "ordering": ("created_at", "id"),
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_id", "name"), name="tenants_scim_client_name_unique")
                ],
            },
        ),
        TenantTable("tenants_scim_client", app="SELECT, INSERT, UPDATE, DELETE"),
        migrations.RunSQL(
            "ALTER TABLE tenants_scim_client ADD CONSTRAINT tenants_scim_client_tenant_fk "
            "FOREIGN KEY (tenant_id) REFERENCES tenants_tenant (id)",
            "ALTER TABLE tenants_scim_client DROP CONSTRAINT tenants_scim_client_tenant_fk",
        ),
    ]
