"""Changes tell of members, which are no part of a document, and of more kinds of steps."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout

KINDS = [
    ("created", "Created"),
    ("revived", "Revived"),
    ("replaced", "Replaced"),
    ("patched", "Patched"),
    ("members", "Members changed"),
    ("deleted", "Deleted"),
]


class Migration(migrations.Migration):
    """Adds scim_change.members."""

    dependencies = [("scim", "0008_unique_name")]

    operations = [
        lock_timeout(),
        migrations.AddField(model_name="change", name="members", field=models.TextField(null=True)),
        migrations.AlterField(model_name="change", name="kind", field=models.TextField(choices=KINDS)),
    ]
