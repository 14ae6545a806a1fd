"""Personal values of an event, under the person's key; null where an event holds none, as all before this one."""

from django.db import migrations, models

from labsninja.kernel.isolation.rls import lock_timeout


class Migration(migrations.Migration):
    """Adds audit_event.personal, to every partition too."""

    dependencies = [("audit", "0009_subject_key")]

    operations = [
        lock_timeout(),
        migrations.AddField("auditevent", "personal", models.BinaryField(null=True)),
    ]
