"""Values that no two resources of a type may share, a tenant table without a model: `scim.store.unique` writes it."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# The value itself may be long: its digest is of one length, and a row of the key always fits into a B-tree.
CREATE = """
CREATE TABLE scim_unique_value (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    resource_id uuid NOT NULL,
    CONSTRAINT scim_unique_value_digest_length CHECK (octet_length(digest) = 32)
)
"""
KEY = ("tenant_id", "resource_type", "path", "digest")


class Migration(migrations.Migration):
    """Creates scim_unique_value."""

    dependencies = [("scim", "0014_definition")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_unique_value"),
        TenantTable("scim_unique_value", app="SELECT, INSERT, DELETE", key=KEY),
    ]
