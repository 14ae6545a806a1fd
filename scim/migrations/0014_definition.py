"""What tenants define, schemas and resource types, and the revision they are at: tables for the SQL of `scim.store`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# Names are kept folded as keys; definitions are the JSON that was given.
TABLES = """
CREATE TABLE {0} (
    tenant_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    definition text NOT NULL,
    version integer NOT NULL,
    modified_at timestamptz NOT NULL,
    CONSTRAINT {0}_version_positive CHECK (version >= 1)
)
"""
REVISION = """
CREATE TABLE scim_schema_revision (
    tenant_id uuid NOT NULL,
    revision integer NOT NULL,
    CONSTRAINT scim_schema_revision_positive CHECK (revision >= 1)
)
"""


class Migration(migrations.Migration):
    """Creates scim_schema, scim_resource_type and scim_schema_revision."""

    dependencies = [("scim", "0013_first_statistics")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(TABLES.format("scim_schema"), "DROP TABLE scim_schema"),
        TenantTable("scim_schema", app="SELECT, INSERT, UPDATE, DELETE", key=("tenant_id", "name")),
        migrations.RunSQL(TABLES.format("scim_resource_type"), "DROP TABLE scim_resource_type"),
        TenantTable("scim_resource_type", app="SELECT, INSERT, UPDATE, DELETE", key=("tenant_id", "name")),
        migrations.RunSQL(REVISION, "DROP TABLE scim_schema_revision"),
        TenantTable("scim_schema_revision", app="SELECT, INSERT, UPDATE", key=("tenant_id",)),
    ]
