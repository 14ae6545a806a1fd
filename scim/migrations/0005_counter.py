"""Totals of live resources, a tenant table without a model: only the SQL of `scim.store.counters` touches it."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# A slot alone may stand below 0: who deletes need not use the slot of who created.
CREATE = """
CREATE TABLE scim_counter (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    slot smallint NOT NULL,
    live bigint NOT NULL,
    CONSTRAINT scim_counter_slot_bounded CHECK (slot BETWEEN 0 AND 15)
)
"""
# The owner sees a tenant's rows inside that tenant's scope alone.
FILL = """
DO $$
DECLARE
    tenant uuid;
BEGIN
    FOR tenant IN SELECT id FROM tenants_tenant LOOP
        PERFORM set_config('app.tenant_id', tenant::text, true);
        INSERT INTO scim_counter (tenant_id, resource_type, slot, live)
        SELECT tenant, resource_type, 0, count(*) FROM scim_resource
        WHERE tenant_id = tenant AND deleted_at IS NULL GROUP BY resource_type;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$
"""


class Migration(migrations.Migration):
    """Creates scim_counter and counts what is there."""

    dependencies = [("scim", "0004_resource_index"), ("tenants", "0001_tenant")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_counter"),
        TenantTable("scim_counter", app="SELECT, INSERT, UPDATE", key=("tenant_id", "resource_type", "slot")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
