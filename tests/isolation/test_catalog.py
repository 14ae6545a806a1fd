"""The catalogue is as it must be, and every look at it finds what is wrong when something is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from environ import Env

from labsninja.env import read
from labsninja.kernel.isolation.roles import database_statements
from tests.isolation.catalog import (
    find_database_faults,
    find_function_faults,
    find_grant_faults,
    find_key_faults,
    find_role_faults,
    find_table_faults,
)

LOOKS = (find_table_faults, find_key_faults, find_grant_faults, find_function_faults, find_role_faults)
POLICY = "CREATE POLICY {} ON scim_resource USING ({}) WITH CHECK ({})"
DROP_POLICY = "DROP POLICY tenant_isolation ON scim_resource"
RIGHT = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"
AS_LOOKUP = "SET LOCAL ROLE ln_lookup; {}; SET LOCAL ROLE ln_owner"

# What is done wrong, and how the sentence about it begins. None of it fails on the rows that other tests have left.
FAULTS = (
    ("CREATE TABLE stray (id int)", "public.stray is not classed"),
    ("CREATE VIEW stray AS SELECT * FROM scim_resource", "public.stray is not classed"),
    ("CREATE MATERIALIZED VIEW stray AS SELECT 1", "public.stray is not classed"),
    ("CREATE SCHEMA stray CREATE TABLE scim_resource (id int)", "stray.scim_resource is not classed"),
    ("ALTER TABLE scim_resource DISABLE ROW LEVEL SECURITY", "scim_resource lacks forced row-level security"),
    ("ALTER TABLE scim_resource NO FORCE ROW LEVEL SECURITY", "scim_resource lacks forced row-level security"),
    (DROP_POLICY, "scim_resource has other policies than the one: []"),
    (POLICY.format("second", "true", "true"), "scim_resource has other policies"),
    (f"{DROP_POLICY}; {POLICY.format('tenant_isolation', 'true', RIGHT)}", "scim_resource has other policies"),
    (f"{DROP_POLICY}; {POLICY.format('tenant_isolation', RIGHT, 'true')}", "scim_resource has other policies"),
    ("ALTER POLICY tenant_isolation ON scim_resource TO ln_app", "scim_resource has other policies"),
    (
        f"{DROP_POLICY}; CREATE POLICY tenant_isolation ON scim_resource FOR SELECT USING ({RIGHT})",
        "scim_resource has other policies",
    ),
    (
        "ALTER TABLE audit_event DROP CONSTRAINT audit_event_pkey, ALTER tenant_id DROP NOT NULL",
        "audit_event.tenant_id may be null",
    ),
    ("ALTER TABLE audit_event_default ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", "audit_event_default has"),
    ("ALTER TABLE scim_resource ADD CONSTRAINT stray UNIQUE (id, tenant_id)", "stray on scim_resource does not begin"),
    (
        "ALTER TABLE scim_resource ADD CONSTRAINT stray EXCLUDE (id WITH =, tenant_id WITH =)",
        "stray on scim_resource does not begin",
    ),
    ("CREATE UNIQUE INDEX stray ON scim_change (id)", "stray on scim_change does not begin"),
    ("CREATE INDEX stray ON scim_resource (display_name, tenant_id)", "stray on scim_resource does not begin"),
    ("CREATE INDEX stray ON scim_resource ((tenant_id::text))", "stray on scim_resource does not begin"),
    ("CREATE INDEX stray ON audit_event_default (at)", "stray on audit_event_default does not begin"),
    (
        (
            "ALTER TABLE scim_change DROP CONSTRAINT scim_change_pkey; "
            "ALTER TABLE scim_change ADD CONSTRAINT stray PRIMARY KEY (id, tenant_id)"
        ),
        "stray on scim_change does not begin",
    ),
    (
        "ALTER TABLE scim_change ADD CONSTRAINT stray FOREIGN KEY (resource_id) REFERENCES tenants_tenant",
        "stray on scim_change does not begin",
    ),
    (
        (
            "CREATE UNIQUE INDEX ids ON scim_change (id); "
            "ALTER TABLE kernel_lease ADD change uuid CONSTRAINT stray REFERENCES scim_change (id)"
        ),
        "stray on kernel_lease does not begin",
    ),
    ("GRANT TRUNCATE ON scim_resource TO ln_app", "ln_app has TRUNCATE on scim_resource"),
    ("GRANT DELETE ON audit_event TO ln_app", "ln_app has DELETE on audit_event"),
    ("GRANT SELECT ON audit_event_default TO ln_app", "ln_app has SELECT on audit_event_default"),
    ("GRANT UPDATE (slug) ON tenants_tenant TO ln_app", "ln_app has UPDATE (slug) on tenants_tenant"),
    ("GRANT SELECT ON kernel_lease TO PUBLIC", "ln_lookup has SELECT on kernel_lease"),
    ("GRANT USAGE ON SEQUENCE django_migrations_id_seq TO ln_app", "ln_app has USAGE on django_migrations_id_seq"),
    ("REVOKE INSERT ON audit_event FROM ln_app", "ln_app lacks INSERT on audit_event"),
    ("GRANT SELECT ON scim_resource TO ln_lookup", "ln_lookup has SELECT on scim_resource"),
    ("GRANT UPDATE ON tenants_client_token TO ln_lookup", "ln_lookup has UPDATE on tenants_client_token"),
    (
        "CREATE FUNCTION stray() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1",
        "function stray() is not classed",
    ),
    (
        "GRANT EXECUTE ON FUNCTION audit_prepare_partitions(integer) TO PUBLIC",
        "function audit_prepare_partitions(integer) belongs to ln_owner and may be called by ['ln_platform', 'PUBLIC']",
    ),
    (
        "ALTER FUNCTION audit_prepare_partitions(integer) SET search_path = pg_temp, public",
        "function audit_prepare_partitions(integer) has the settings",
    ),
    (
        "ALTER FUNCTION audit_prepare_partitions(integer) RESET ALL",
        "function audit_prepare_partitions(integer) has the settings None",
    ),
    (
        AS_LOOKUP.format("GRANT EXECUTE ON FUNCTION tenants_find_token(text) TO PUBLIC"),
        "function tenants_find_token(text) belongs to ln_lookup and may be called by",
    ),
    ("CREATE SCHEMA stray; GRANT CREATE ON SCHEMA stray TO ln_app", "ln_app may create in a schema"),
    ("CREATE SCHEMA stray; GRANT CREATE ON SCHEMA stray TO PUBLIC", "ln_app may create in a schema"),
    ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ln_app", "ln_app is granted what will be made"),
)
ROLE_FAULTS = (
    ("ALTER ROLE ln_app SUPERUSER", "ln_app is a superuser"),
    ("ALTER ROLE ln_app BYPASSRLS", "ln_app bypasses row-level security"),
    ("ALTER ROLE ln_app CREATEROLE", "ln_app may create roles or databases, or replicate"),
    ("ALTER ROLE ln_app REPLICATION", "ln_app may create roles or databases, or replicate"),
    ("GRANT ln_owner TO ln_app WITH INHERIT FALSE, SET FALSE", "ln_app is a member of another role"),
    ("CREATE TYPE stray AS ENUM (); ALTER TYPE stray OWNER TO ln_app", "ln_app owns something"),
    ("GRANT CREATE ON SCHEMA public TO PUBLIC", "ln_app may create in a schema"),
)


def _faults(cursor: Any) -> Iterator[str]:
    for look in LOOKS:
        yield from look(cursor)


def _apply(cursor: Any, statements: str) -> None:
    for statement in statements.split("; "):
        cursor.execute(statement)


@pytest.mark.parametrize("look", LOOKS)
def test_catalog_has_no_fault(owner: Any, look: Callable[[Any], Iterator[str]]) -> None:
    assert list(look(owner)) == []


@pytest.mark.parametrize(("statements", "sentence"), FAULTS)
def test_fault_in_the_catalog_is_found(owner: Any, statements: str, sentence: str) -> None:
    _apply(owner, statements)
    assert [fault for fault in _faults(owner) if fault.startswith(sentence)]


@pytest.mark.parametrize(("statements", "sentence"), ROLE_FAULTS)
def test_fault_of_the_app_role_is_found(superuser: Any, statements: str, sentence: str) -> None:
    _apply(superuser, statements)
    assert sentence in find_role_faults(superuser)


def test_app_role_may_make_nothing_in_the_database_it_serves(database: None) -> None:
    served = Env.db_url_config(read("DATABASE_URL"))["NAME"]
    with connections["owner"].cursor() as cursor:
        assert list(find_database_faults(cursor, served)) == []


@pytest.mark.parametrize("privilege", ["CREATE", "TEMP"])
def test_app_role_that_may_make_something_in_a_database_is_found(owner: Any, privilege: str) -> None:
    name = connections["owner"].settings_dict["NAME"]
    for statement in database_statements(name):
        owner.execute(statement)
    assert list(find_database_faults(owner, name)) == []
    owner.execute(f'GRANT {privilege} ON DATABASE "{name}" TO ln_app')
    assert list(find_database_faults(owner, name)) == [f"ln_app has {privilege} on the database {name}"]


def test_partition_that_is_made_later_is_out_of_reach_too(owner: Any) -> None:
    owner.execute("SELECT audit_prepare_partitions(60)")
    assert owner.fetchone()[0] > 0
    assert list(_faults(owner)) == []
