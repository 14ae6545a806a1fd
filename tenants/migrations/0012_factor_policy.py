"""Whether the members of a tenant need a second factor to sign in."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout


class Migration(migrations.Migration):
    """Adds the two switches to tenants_tenant."""

    dependencies = [("tenants", "0011_membership")]

    operations = [
        lock_timeout(),
        migrations.AddField(
            model_name="tenant",
            name="customers_need_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="tenant",
            name="operators_need_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
