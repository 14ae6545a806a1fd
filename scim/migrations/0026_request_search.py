"""Searching the request log: what was refused, however rare, and what names somebody who has no id yet."""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

TROUBLE = """
CREATE INDEX scim_request_log_trouble ON scim_request_log (tenant_id, at, id) WHERE status >= 400
"""
BY_SUBJECT = """
CREATE INDEX scim_request_log_subject ON scim_request_log (tenant_id, subject, at) WHERE subject <> ''
"""


class Migration(migrations.Migration):
    """Adds two indexes to scim_request_log."""

    dependencies = [("scim", "0025_alert")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(
            [
                TROUBLE,
                BY_SUBJECT,
            ],
            ["DROP INDEX scim_request_log_trouble", "DROP INDEX scim_request_log_subject"],
        ),
    ]
