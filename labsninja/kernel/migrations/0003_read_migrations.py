"""The serving roles may read which migrations are applied: /readyz compares them with the code's."""

from django.db import migrations

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout


class Migration(migrations.Migration):
    """Grants django_migrations for reading."""

    dependencies = [("kernel", "0002_lease")]

    operations = [
        lock_timeout(),
        GlobalTable("django_migrations", app="SELECT", platform="SELECT"),
    ]
