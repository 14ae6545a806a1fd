"""Roots of complete subtrees of 256, 256 * 256 ... leaves, from which proofs are made."""

from django.db import migrations

from audit.partitions import AppendOnly
from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

SUBTREE = """
CREATE TABLE audit_subtree (
    tenant_id uuid NOT NULL,
    level smallint NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_subtree_hash_size CHECK (octet_length(hash) = 32)
)
"""


class Migration(migrations.Migration):
    """Creates audit_subtree."""

    dependencies = [("audit", "0003_leaf")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(SUBTREE, "DROP TABLE audit_subtree"),
        TenantTable("audit_subtree", app="SELECT", platform="SELECT, INSERT", key=("tenant_id", "level", "number")),
        AppendOnly("audit_subtree"),
    ]
