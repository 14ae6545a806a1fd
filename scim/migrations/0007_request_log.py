"""The request log, partitioned by week, and what is counted from it. Tenant tables without models: only the SQL of
`scim.store.request_log` and `scim.store.reads` touches them.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import CompositeForeignKey, TenantTable, lock_timeout

# Nothing refers to the log by key, and the log to nothing: its rows outlive what they tell of.
LOG = """
CREATE TABLE scim_request_log (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    scim_client_id uuid,
    token_prefix text NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    query text NOT NULL,
    status smallint NOT NULL,
    scim_type text NOT NULL,
    outcome text NOT NULL,
    duration_us bigint NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    resource_type text NOT NULL,
    resource_id text COLLATE "C" NOT NULL,
    subject text NOT NULL,
    warnings text[] NOT NULL,
    request_body text NOT NULL,
    response_body text NOT NULL,
    detail text NOT NULL
) PARTITION BY RANGE (at)
"""
# From an audit event to its request, and from a person to what was asked about them.
BY_REQUEST = "CREATE INDEX scim_request_log_request ON scim_request_log (tenant_id, request_id)"
BY_RESOURCE = """
CREATE INDEX scim_request_log_resource ON scim_request_log (tenant_id, resource_id, at) WHERE resource_id <> ''
"""
WARNINGS = """
CREATE TABLE scim_client_warning (
    tenant_id uuid NOT NULL,
    scim_client_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    count bigint NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT scim_client_warning_counted CHECK (count > 0)
)
"""
# Up to which minute a tenant's reads stand in its audit history.
READS = """
CREATE TABLE scim_reads_recorded (
    tenant_id uuid NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT scim_reads_recorded_whole_minute CHECK (extract(second FROM until) = 0)
)
"""
# As in the audit app: the app role has no grant on a partition, rows of a week that nobody prepared are kept by the
# default partition, and preparing that week later moves them over.
PARTITIONS = """
CREATE FUNCTION scim_prepare_request_log(weeks integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('week', now() AT TIME ZONE 'UTC')::date;
    made integer := 0;
    name text;
    since text;
    until text;
BEGIN
    FOR week IN 0 .. weeks LOOP
        name := 'scim_request_log_' || to_char(first + 7 * week, 'YYYY_MM_DD');
        IF to_regclass(name) IS NULL THEN
            since := to_char(first + 7 * week, 'YYYY-MM-DD 00:00:00+00');
            until := to_char(first + 7 * week + 7, 'YYYY-MM-DD 00:00:00+00');
            EXECUTE format('CREATE TABLE %I (LIKE scim_request_log INCLUDING ALL)', name);
            EXECUTE format('WITH late AS (DELETE FROM scim_request_log_default WHERE at >= %L AND at < %L RETURNING *)'
                ' INSERT INTO %I SELECT * FROM late', since, until, name);
            EXECUTE format('ALTER TABLE scim_request_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                name, since, until);
            EXECUTE format('GRANT SELECT ON %I TO ln_platform', name);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$
"""


class Migration(migrations.Migration):
    """Creates scim_request_log, scim_client_warning and scim_reads_recorded."""

    dependencies = [("scim", "0006_member"), ("tenants", "0002_scim_client")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(LOG, "DROP TABLE scim_request_log"),
        TenantTable("scim_request_log", app="SELECT, INSERT", platform="SELECT", key=("tenant_id", "at", "id")),
        migrations.RunSQL([BY_REQUEST, BY_RESOURCE], migrations.RunSQL.noop),
        migrations.RunSQL(
            [
                "CREATE TABLE scim_request_log_default PARTITION OF scim_request_log DEFAULT",
                "GRANT SELECT ON scim_request_log_default TO ln_platform",
                PARTITIONS,
                "REVOKE ALL ON FUNCTION scim_prepare_request_log(integer) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION scim_prepare_request_log(integer) TO ln_platform",
                "SELECT scim_prepare_request_log(4)",
            ],
            "DROP FUNCTION scim_prepare_request_log(integer)",
        ),
        migrations.RunSQL(WARNINGS, "DROP TABLE scim_client_warning"),
        TenantTable("scim_client_warning", app="SELECT, INSERT, UPDATE", key=("tenant_id", "scim_client_id", "code")),
        CompositeForeignKey("scim_client_warning", "scim_client_id", to="tenants_scim_client", on_delete="CASCADE"),
        migrations.RunSQL(READS, "DROP TABLE scim_reads_recorded"),
        TenantTable("scim_reads_recorded", app="SELECT, INSERT, UPDATE", key=("tenant_id",)),
    ]
