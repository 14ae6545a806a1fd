"""Reading the request log by SCIM client, and by the public part of a token, which is all that is known of a stranger.

Newest first within a tenant: the primary key (tenant_id, at, id) serves that already.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

BY_CLIENT = """
CREATE INDEX scim_request_log_client ON scim_request_log (tenant_id, scim_client_id, at)
WHERE scim_client_id IS NOT NULL
"""
BY_PREFIX = """
CREATE INDEX scim_request_log_prefix ON scim_request_log (tenant_id, token_prefix, at)
WHERE token_prefix <> '' AND scim_client_id IS NULL
"""


class Migration(migrations.Migration):
    """Adds two indexes to scim_request_log."""

    dependencies = [("scim", "0019_page_step")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(
            [
                BY_CLIENT,
                BY_PREFIX,
            ],
            ["DROP INDEX scim_request_log_client", "DROP INDEX scim_request_log_prefix"],
        ),
    ]
