"""How streams are doing, over all tenants: what the ledger tells and health shows."""

from django.db import migrations

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout

# `oldest_at`: when the first event was told that a running stream has not sent; `stopped`: streams that gave up.
STREAMING = """
CREATE TABLE audit_streaming (
    id boolean PRIMARY KEY DEFAULT true,
    oldest_at timestamptz,
    stopped integer NOT NULL DEFAULT 0,
    CONSTRAINT audit_streaming_single CHECK (id)
)
"""


class Migration(migrations.Migration):
    """Creates audit_streaming."""

    dependencies = [("audit", "0013_stream")]

    operations = [
        lock_timeout(),
        migrations.RunSQL([STREAMING, "INSERT INTO audit_streaming DEFAULT VALUES"], "DROP TABLE audit_streaming"),
        GlobalTable("audit_streaming", app="SELECT", platform="SELECT, INSERT, UPDATE"),
    ]
