"""Keys of persons: added with the first event about them, destroyed when they are erased, never changed."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

SUBJECT_KEY = """
CREATE TABLE audit_subject_key (
    tenant_id uuid NOT NULL,
    subject_id text NOT NULL,
    id uuid NOT NULL,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
)
"""


class Migration(migrations.Migration):
    """Creates audit_subject_key."""

    dependencies = [("audit", "0008_drop_month")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(SUBJECT_KEY, "DROP TABLE audit_subject_key"),
        TenantTable(
            "audit_subject_key",
            app="SELECT, INSERT",
            platform="SELECT, INSERT, DELETE",
            key=("tenant_id", "subject_id", "id"),
        ),
    ]
