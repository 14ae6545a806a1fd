"""When a tenant is to be deleted, and when it was. Its row stays: the audit history is kept, and names it."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout


class Migration(migrations.Migration):
    """Adds deletes_at and deleted_at to tenants_tenant; who has one of them is suspended."""

    dependencies = [("tenants", "0014_admin_tables")]

    operations = [
        lock_timeout(),
        migrations.AddField("tenant", "deletes_at", models.DateTimeField(null=True)),
        migrations.AddField("tenant", "deleted_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "tenant",
            models.CheckConstraint(
                condition=models.Q(deletes_at=None, deleted_at=None) | models.Q(state="suspended"),
                name="tenants_tenant_deletion_suspended",
            ),
        ),
    ]
