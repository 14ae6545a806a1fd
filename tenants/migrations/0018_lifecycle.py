"""What a tenant chooses for people who leave: how long deleted ones can be restored, and how many may leave at once."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

COLUMNS = "trash_days, breaker_on, breaker_count, breaker_percent, breaker_minutes"


def _number(name: str, default: int) -> migrations.AddField:
    return migrations.AddField("tenant", name, models.IntegerField(default=default, db_default=default))


def _between(name: str, least: int, most: int) -> migrations.AddConstraint:
    condition = models.Q((f"{name}__range", (least, most)))
    return migrations.AddConstraint(
        "tenant", models.CheckConstraint(condition=condition, name=f"tenants_tenant_{name}_bounded")
    )


class Migration(migrations.Migration):
    """Adds retention of the trash and thresholds of the breaker to tenants_tenant."""

    dependencies = [("tenants", "0017_session_policy")]

    operations = [
        lock_timeout(),
        migrations.AddField("tenant", "breaker_on", models.BooleanField(default=True, db_default=True)),
        _number("trash_days", 30),
        _number("breaker_count", 20),
        _number("breaker_percent", 20),
        _number("breaker_minutes", 60),
        _between("trash_days", 1, 365),
        _between("breaker_count", 5, 100_000),
        _between("breaker_percent", 1, 100),
        _between("breaker_minutes", 5, 1_440),
        migrations.RunSQL(
            f"GRANT UPDATE ({COLUMNS}) ON tenants_tenant TO ln_app",
            f"REVOKE UPDATE ({COLUMNS}) ON tenants_tenant FROM ln_app",
        ),
    ]
