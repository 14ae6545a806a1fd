"""Failed sign-ins, counted so that guessing gets slow. A table without a model, which
`tenants.services.accounts.throttling` alone uses.

Unlogged: it is written by whoever knocks, and after a crash of the server counting may begin anew.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout

CREATE = """
CREATE UNLOGGED TABLE tenants_sign_in_throttle (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    succeeded_at timestamptz,
    CONSTRAINT tenants_sign_in_throttle_counted CHECK (failures >= 0)
) WITH (fillfactor = 50)
"""


class Migration(migrations.Migration):
    """Creates tenants_sign_in_throttle."""

    dependencies = [("tenants", "0012_membership")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(CREATE, "DROP TABLE tenants_sign_in_throttle"),
        GlobalTable("tenants_sign_in_throttle", app="SELECT, INSERT, UPDATE, DELETE"),
    ]
