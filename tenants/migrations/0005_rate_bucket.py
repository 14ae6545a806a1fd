"""Token buckets that the processes of a deployment share. A tenant table without a model, which
`tenants.services.rate_limits` alone uses.

Unlogged: it is written often, and after a crash of the server every bucket may as well be full.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

CREATE = """
CREATE UNLOGGED TABLE tenants_rate_bucket (
    tenant_id uuid NOT NULL,
    bucket text COLLATE "C" NOT NULL,
    tokens double precision NOT NULL,
    granted integer NOT NULL,
    refilled_at timestamptz NOT NULL,
    CONSTRAINT tenants_rate_bucket_not_overdrawn CHECK (tokens >= 0 AND granted >= 0)
) WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    """Creates tenants_rate_bucket."""

    dependencies = [("tenants", "0004_client_options")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE tenants_rate_bucket"),
        TenantTable("tenants_rate_bucket", app="SELECT, INSERT, UPDATE", key=("tenant_id", "bucket")),
    ]
