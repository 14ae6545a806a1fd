"""Index rows, a tenant table without a model: only the SQL of `scim.store` touches it."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# No foreign key: rows are derived, written in the transaction of the resource and checked against it when read.
# The bound keeps a row of the key within the 2,704 bytes a B-tree can hold.
CREATE = """
CREATE TABLE scim_resource_index (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    resource_id uuid NOT NULL,
    CONSTRAINT scim_resource_index_value_bounded CHECK (octet_length(value) <= 2400)
)
"""
KEY = ("tenant_id", "resource_type", "path", "value", "resource_id")


class Migration(migrations.Migration):
    """Creates scim_resource_index."""

    dependencies = [("scim", "0003_search_document")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_resource_index"),
        TenantTable("scim_resource_index", app="SELECT, INSERT, DELETE", key=KEY),
    ]
