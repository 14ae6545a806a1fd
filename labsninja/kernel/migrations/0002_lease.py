"""The table of leases: a row stays for ever once its name was claimed, because the fence must never start anew."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout


class Migration(migrations.Migration):
    """Creates kernel_lease."""

    dependencies = [("kernel", "0001_data_key")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("owner", models.TextField()),
                ("fence", models.BigIntegerField()),
                ("lease_until", models.DateTimeField()),
            ],
            options={"db_table": "kernel_lease"},
        ),
        GlobalTable("kernel_lease", app="SELECT, INSERT, UPDATE", platform="SELECT, INSERT, UPDATE"),
    ]
