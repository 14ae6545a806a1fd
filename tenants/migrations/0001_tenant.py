"""The global tenant table and the reserved tenant of the deployment itself."""

import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

from labsninja.kernel.isolation.context import DEPLOYMENT_TENANT_ID
from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout

PLANS = [("free", "Free"), ("unlimited", "Unlimited")]
STATES = [("active", "Active"), ("suspended", "Suspended")]


class Migration(migrations.Migration):
    """Creates tenants_tenant."""

    initial = True
    dependencies = []

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="Tenant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("slug", models.SlugField(max_length=63)),
                ("name", models.CharField(max_length=200)),
                ("plan", models.CharField(choices=PLANS, default="free", max_length=20)),
                ("state", models.CharField(choices=STATES, default="active", max_length=20)),
                ("suspended_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "db_table": "tenants_tenant",
                "ordering": ("slug",),
                "constraints": [
                    models.UniqueConstraint(fields=("slug",), name="tenants_tenant_slug_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("plan__in", ["free", "unlimited"])), name="tenants_tenant_plan_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "suspended"])), name="tenants_tenant_state_known"
                    ),
                ],
            },
        ),
        GlobalTable("tenants_tenant", app="SELECT"),
        migrations.RunSQL(
            [
                (
                    "INSERT INTO tenants_tenant VALUES (%s, 'deployment', 'Deployment', 'unlimited', 'active', '')",
                    [str(DEPLOYMENT_TENANT_ID)],
                )
            ],
            [("DELETE FROM tenants_tenant WHERE id = %s", [str(DEPLOYMENT_TENANT_ID)])],
        ),
    ]
