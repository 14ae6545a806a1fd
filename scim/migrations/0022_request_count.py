"""Requests counted by five minutes: what health, charts and alerts ask for, without reading the log.

A tenant table without a model: only the SQL of `scim.store.request_counts` touches it.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# `bucket` numbers how long a request took (scim.store.request_counts.BOUNDS_MS). First and last requests are exact, so
# that the pauses of an identity provider are told from counts too. Rows are updated again and again: room on the page.
COUNT = """
CREATE TABLE scim_request_count (
    tenant_id uuid NOT NULL,
    slot timestamptz NOT NULL,
    scim_client_id uuid NOT NULL,
    status smallint NOT NULL,
    scim_type text COLLATE "C" NOT NULL,
    bucket smallint NOT NULL,
    count bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT scim_request_count_counted CHECK (count > 0),
    CONSTRAINT scim_request_count_slot CHECK (extract(epoch FROM slot) % 300 = 0),
    CONSTRAINT scim_request_count_times CHECK (first_at <= last_at)
) WITH (fillfactor = 80)
"""


class Migration(migrations.Migration):
    """Creates scim_request_count."""

    dependencies = [("scim", "0021_feed"), ("tenants", "0002_scim_client")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(COUNT, "DROP TABLE scim_request_count"),
        TenantTable(
            "scim_request_count",
            app="SELECT, INSERT, UPDATE, DELETE",
            key=("tenant_id", "slot", "scim_client_id", "status", "scim_type", "bucket"),
        ),
        CompositeForeignKey("scim_request_count", "scim_client_id", to="tenants_scim_client", on_delete="CASCADE"),
    ]
