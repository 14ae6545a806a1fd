"""Keys that sign a tenant's checkpoints. What serves tenants sees the public half alone."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

SIGNING_KEY = """
CREATE TABLE audit_signing_key (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    public_key bytea NOT NULL,
    private_key bytea,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT audit_signing_key_usable CHECK (active = (private_key IS NOT NULL))
)
"""
ONE_ACTIVE = "CREATE UNIQUE INDEX audit_signing_key_one_active ON audit_signing_key (tenant_id) WHERE active"


class Migration(migrations.Migration):
    """Creates audit_signing_key."""

    dependencies = [("audit", "0005_checkpoint")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(SIGNING_KEY, "DROP TABLE audit_signing_key"),
        TenantTable(
            "audit_signing_key",
            app="SELECT (tenant_id, id, name, public_key, active, created_at)",
            platform="SELECT, INSERT, UPDATE (private_key, active)",
        ),
        migrations.RunSQL(ONE_ACTIVE, migrations.RunSQL.noop),
    ]
