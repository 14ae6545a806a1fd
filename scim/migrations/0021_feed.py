"""How far a tenant's feed is numbered, a tenant table without a model: `scim.store.feed`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

CREATE = """
CREATE TABLE scim_feed (
    tenant_id uuid NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT scim_feed_last_counted CHECK (last >= 0)
)
"""


class Migration(migrations.Migration):
    """Creates scim_feed."""

    dependencies = [("scim", "0020_request_log_readers")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_feed"),
        TenantTable("scim_feed", app="SELECT", key=("tenant_id",)),
    ]
