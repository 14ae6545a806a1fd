"""How long sessions in a tenant may last and idle: shorter than the deployment's own bounds, or as those where null."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout


def _number(name: str) -> migrations.AddField:
    return migrations.AddField("signinpolicy", name, models.SmallIntegerField(null=True))


def _between(columns: tuple[str, str], least: int, most: int) -> models.Q:
    first, second = (models.Q((name, None)) | models.Q((f"{name}__range", (least, most))) for name in columns)
    return first & second


class Migration(migrations.Migration):
    """Adds idle minutes and hours to tenants_sign_in_policy."""

    dependencies = [("tenants", "0016_own_options")]

    operations = [
        lock_timeout(),
        *map(_number, ("operators_idle_minutes", "operators_session_hours")),
        *map(_number, ("customers_idle_minutes", "customers_session_hours")),
        migrations.AddConstraint(
            "signinpolicy",
            models.CheckConstraint(
                condition=_between(("operators_idle_minutes", "customers_idle_minutes"), 5, 60),
                name="tenants_sign_in_policy_idle",
            ),
        ),
        migrations.AddConstraint(
            "signinpolicy",
            models.CheckConstraint(
                condition=_between(("operators_session_hours", "customers_session_hours"), 1, 12),
                name="tenants_sign_in_policy_hours",
            ),
        ),
    ]
