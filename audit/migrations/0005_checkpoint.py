"""Signed checkpoints, each with the peaks from which the tree grows on."""

from django.db import migrations

from audit.partitions import AppendOnly
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

CHECKPOINT = """
CREATE TABLE audit_checkpoint (
    tenant_id uuid NOT NULL,
    size bigint NOT NULL,
    peaks bytea NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT audit_checkpoint_has_leaves CHECK (size > 0)
)
"""


class Migration(migrations.Migration):
    """Creates audit_checkpoint."""

    dependencies = [("audit", "0004_subtree")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CHECKPOINT, "DROP TABLE audit_checkpoint"),
        TenantTable("audit_checkpoint", app="SELECT", platform="SELECT, INSERT", key=("tenant_id", "size")),
        AppendOnly("audit_checkpoint"),
    ]
