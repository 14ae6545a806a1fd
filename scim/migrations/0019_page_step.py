"""Who came and went since page anchors were last counted, a tenant table without a model: `scim.store.page_anchors`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# Rows come and go by the hundred and none stays: what is dead has to go soon, or pages would pass over it.
# `version` is that of the resource when it came or went: it may do so several times.
CREATE = """
CREATE TABLE scim_page_step (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    resource_id uuid NOT NULL,
    version bigint NOT NULL,
    number smallint NOT NULL,
    CONSTRAINT scim_page_step_number_known CHECK (number BETWEEN -1 AND 1)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
"""
KEY = ("tenant_id", "resource_type", "resource_id", "version")
# What is there has no anchors yet. As many steps of nobody as it takes for the ledger to look at a tenant.
# The owner sees a tenant's rows inside that tenant's scope alone.
FILL = """
DO $$
DECLARE
    tenant uuid;
BEGIN
    FOR tenant IN SELECT id FROM tenants_tenant LOOP
        PERFORM set_config('app.tenant_id', tenant::text, true);
        INSERT INTO scim_page_step (tenant_id, resource_type, resource_id, version, number)
        SELECT tenant, resource_type, '00000000-0000-0000-0000-000000000000', n, 0
        FROM scim_counter CROSS JOIN generate_series(1, 500) AS n
        WHERE tenant_id = tenant GROUP BY resource_type, n HAVING sum(live) > 1000;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$
"""


class Migration(migrations.Migration):
    """Creates scim_page_step, with a mark for directories that are large already."""

    dependencies = [("scim", "0018_page_anchor")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_page_step"),
        TenantTable("scim_page_step", app="SELECT, INSERT, DELETE", key=KEY),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
