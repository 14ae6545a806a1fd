"""Places from which deep pages are read, a tenant table without a model: `scim.store.page_anchors`."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# `live` are the resources from first_id up to the next anchor, as of when steps were last folded into it.
CREATE = """
CREATE TABLE scim_page_anchor (
    tenant_id uuid NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    first_id uuid NOT NULL,
    live bigint NOT NULL,
    CONSTRAINT scim_page_anchor_live_counted CHECK (live >= 0)
)
"""
KEY = ("tenant_id", "resource_type", "first_id")


class Migration(migrations.Migration):
    """Creates scim_page_anchor."""

    dependencies = [("scim", "0017_attribute_index")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE scim_page_anchor"),
        TenantTable("scim_page_anchor", app="SELECT, INSERT, UPDATE", key=KEY),
    ]
