"""How far sealing has come, over all tenants, and the index by which it finds what is new."""

from django.db import migrations

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout

# `watermark`: every event of an earlier transaction is sealed. `oldest_at`: when the first unsealed event was told.
SEALING = """
CREATE TABLE audit_sealing (
    id boolean PRIMARY KEY DEFAULT true,
    watermark xid8 NOT NULL DEFAULT '0',
    beat_at timestamptz NOT NULL DEFAULT now(),
    oldest_at timestamptz,
    CONSTRAINT audit_sealing_single CHECK (id)
)
"""


class Migration(migrations.Migration):
    """Creates audit_sealing and the index audit_event_xid_idx."""

    dependencies = [("audit", "0006_signing_key")]

    operations = [
        lock_timeout(),
        migrations.RunSQL([SEALING, "INSERT INTO audit_sealing DEFAULT VALUES"], "DROP TABLE audit_sealing"),
        GlobalTable("audit_sealing", app="SELECT", platform="SELECT, INSERT, UPDATE"),
        migrations.RunSQL("CREATE INDEX audit_event_xid_idx ON audit_event (xid)", "DROP INDEX audit_event_xid_idx"),
    ]
