"""What a tenant has chosen is written by its own people too: on the row of the bound tenant, in these columns alone.

Everybody goes on reading every row: a name is looked up before a tenant is bound.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

COLUMNS = "unique_group_names, keep_members, strict_members, revive_deleted"
IS_OWN = "id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"


class Migration(migrations.Migration):
    """Grants the options of tenants_tenant to the tenant itself."""

    dependencies = [("tenants", "0015_tenant_deletion")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(
            [
                "CREATE POLICY everybody_reads ON tenants_tenant FOR SELECT USING (true)",
                f"CREATE POLICY own_row ON tenants_tenant FOR UPDATE USING ({IS_OWN}) WITH CHECK ({IS_OWN})",
                "ALTER TABLE tenants_tenant ENABLE ROW LEVEL SECURITY",
                f"GRANT UPDATE ({COLUMNS}) ON tenants_tenant TO ln_app",
            ],
            [
                f"REVOKE UPDATE ({COLUMNS}) ON tenants_tenant FROM ln_app",
                "ALTER TABLE tenants_tenant DISABLE ROW LEVEL SECURITY",
                "DROP POLICY own_row ON tenants_tenant",
                "DROP POLICY everybody_reads ON tenants_tenant",
            ],
        ),
    ]
