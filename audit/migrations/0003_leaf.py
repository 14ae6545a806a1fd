"""Leaves: which event stands where in its tenant's tree, and its hash. They outlive the events."""

from django.db import migrations

from audit.partitions import AppendOnly
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

LEAF = """
CREATE TABLE audit_leaf (
    tenant_id uuid NOT NULL,
    leaf_index bigint NOT NULL,
    event_id uuid NOT NULL,
    event_at timestamptz NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_leaf_hash_size CHECK (octet_length(hash) = 32),
    CONSTRAINT audit_leaf_event_unique UNIQUE (tenant_id, event_id)
)
"""


class Migration(migrations.Migration):
    """Creates audit_leaf."""

    dependencies = [("audit", "0002_append_only")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(LEAF, "DROP TABLE audit_leaf"),
        TenantTable("audit_leaf", app="SELECT", platform="SELECT, INSERT", key=("tenant_id", "leaf_index")),
        AppendOnly("audit_leaf"),
    ]
