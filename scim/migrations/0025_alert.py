"""Alert rules that a tenant changed, and what they have found: `scim.store.alerts`. Tenant tables without models."""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# A tenant without a row for a kind has the rule that everybody begins with.
RULE = """
CREATE TABLE scim_alert_rule (
    tenant_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    by_email boolean NOT NULL,
    threshold integer NOT NULL,
    CONSTRAINT scim_alert_rule_kind_known CHECK (kind IN ('silence', 'errors', 'refused', 'limited', 'expiring')),
    CONSTRAINT scim_alert_rule_threshold CHECK (threshold BETWEEN 1 AND 1000000)
)
"""
INCIDENT = """
CREATE TABLE scim_alert_incident (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    scim_client_id uuid NOT NULL,
    subject text COLLATE "C" NOT NULL,
    told text NOT NULL,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    CONSTRAINT scim_alert_incident_kind_known CHECK (kind IN ('silence', 'errors', 'refused', 'limited', 'expiring')),
    CONSTRAINT scim_alert_incident_times CHECK (resolved_at >= opened_at)
)
"""
# Whoever opens it tells of it, and nobody else: two ledgers may look at the same time.
OPEN = """
CREATE UNIQUE INDEX scim_alert_incident_open ON scim_alert_incident (tenant_id, kind, scim_client_id, subject)
WHERE resolved_at IS NULL
"""
LISTED = "CREATE INDEX scim_alert_incident_listed ON scim_alert_incident (tenant_id, opened_at, id)"


class Migration(migrations.Migration):
    """Creates scim_alert_rule and scim_alert_incident."""

    dependencies = [("scim", "0024_hold")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(RULE, "DROP TABLE scim_alert_rule"),
        TenantTable("scim_alert_rule", app="SELECT, INSERT, UPDATE", key=("tenant_id", "kind")),
        migrations.RunSQL(INCIDENT, "DROP TABLE scim_alert_incident"),
        TenantTable("scim_alert_incident", app="SELECT, INSERT, UPDATE"),
        CompositeForeignKey("scim_alert_incident", "scim_client_id", to="tenants_scim_client", on_delete="CASCADE"),
        migrations.RunSQL([OPEN, LISTED], migrations.RunSQL.noop),
    ]
