"""What PostgreSQL's catalogue must say, table by table. It is read from pg_catalog alone, never from Django's state.

Whoever adds a table, a grant or a function that runs as its owner classes it here, and so decides who may reach it.
"""

import re
from collections.abc import Iterator
from typing import Any

# Tenant tables and what ln_app may do; a privilege on some columns stands with them.
TENANT = {
    "audit_checkpoint": {"SELECT"},
    "audit_event": {"SELECT", "INSERT"},
    "audit_leaf": {"SELECT"},
    "audit_signing_key": {
        f"SELECT ({column})" for column in ("tenant_id", "id", "name", "public_key", "active", "created_at")
    },
    "audit_stream": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "audit_subject_key": {"SELECT", "INSERT"},
    "audit_subtree": {"SELECT"},
    "audit_word": {"SELECT"},
    "audit_word_progress": {"SELECT"},
    "kernel_data_key": {"SELECT", "INSERT", "UPDATE"},
    "scim_alert_incident": {"SELECT", "INSERT", "UPDATE"},
    "scim_alert_rule": {"SELECT", "INSERT", "UPDATE"},
    "scim_attribute_index": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "scim_breaker": {"SELECT", "INSERT", "UPDATE"},
    "scim_change": {"SELECT", "INSERT", "UPDATE (dispatched_at)", "UPDATE (feed_seq)"},
    "scim_client_warning": {"SELECT", "INSERT", "UPDATE"},
    "scim_counter": {"SELECT", "INSERT", "UPDATE"},
    "scim_departure": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "scim_feed": {"SELECT"},
    "scim_hold": {"SELECT", "INSERT", "UPDATE"},
    "scim_member": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "scim_page_anchor": {"SELECT", "INSERT", "UPDATE"},
    "scim_page_step": {"SELECT", "INSERT", "DELETE"},
    "scim_reads_recorded": {"SELECT", "INSERT", "UPDATE"},
    "scim_request_count": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "scim_request_log": {"SELECT", "INSERT"},
    "scim_resource": {"SELECT", "INSERT", "UPDATE"},
    "scim_resource_index": {"SELECT", "INSERT", "DELETE"},
    "scim_resource_type": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "scim_schema": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "scim_schema_revision": {"SELECT", "INSERT", "UPDATE"},
    "scim_unique_value": {"SELECT", "INSERT", "DELETE"},
    "sync_connector": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "sync_item": {"SELECT", "INSERT", "DELETE"},
    "sync_link": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "sync_link_member": {"SELECT", "INSERT", "DELETE"},
    "sync_mapping": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "sync_plan_item": {"SELECT", "INSERT", "DELETE"},
    "sync_run": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "sync_wait": {"SELECT", "INSERT", "DELETE"},
    "tenants_client_token": {"SELECT", "INSERT", "UPDATE"},
    "tenants_rate_bucket": {"SELECT", "INSERT", "UPDATE"},
    "tenants_customer_membership": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "tenants_operator_membership": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "tenants_scim_client": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "tenants_setup_link": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "tenants_sign_in_policy": {"SELECT", "INSERT", "UPDATE"},
}
# What operators and customers sign in with; what administrators have is out of reach.
PEOPLE = ("{}", "{}_link", "{}_muted", "{}_notification", "{}_passkey", "{}_recovery_code")
OF_ADMINS = ("link", "muted", "notification", "passkey", "recovery_code", "session")
ALL = {"SELECT", "INSERT", "UPDATE", "DELETE"}
OWN_OPTIONS = (
    *("unique_group_names", "keep_members", "strict_members", "revive_deleted"),
    *("trash_days", "breaker_on", "breaker_count", "breaker_percent", "breaker_minutes"),
)
GLOBAL = {
    "audit_sealing": {"SELECT"},
    "audit_streaming": {"SELECT"},
    "django_migrations": {"SELECT"},
    "kernel_lease": {"SELECT", "INSERT", "UPDATE"},
    "tenants_tenant": {"SELECT", *(f"UPDATE ({column})" for column in OWN_OPTIONS)},
    "tenants_sign_in_throttle": ALL,
    "tenants_console_session": ALL,
    "tenants_portal_session": ALL,
    **{f"tenants_{name}".format(kind): ALL for kind in ("operator", "customer") for name in PEOPLE},
    "tenants_platform_admin": set(),
    **{f"tenants_admin_{name}": set() for name in OF_ADMINS},
    **{f"auth_{name}": set() for name in ("group", "group_permissions", "permission")},
    "django_admin_log": set(),
    "django_content_type": set(),
}
# Not numbered by tenant: a token, or a person, is looked up before its tenant is known.
ACROSS_TENANTS = {
    "tenants_client_token_lookup_id_unique",
    "tenants_customer_membership_of",
    "tenants_operator_membership_of",
    "tenants_setup_link_of",
}
# The sealer's, which asks what is new in all tenants; every partition has one.
ACROSS_PARTITIONS = re.compile(r"audit_event_(\w+_)?xid_idx\d*")
# Functions that run as their owner: that owner, and who may call them.
DEFINERS: dict[str, tuple[str, set[str]]] = {
    "audit_drop_month(text)": ("ln_owner", {"ln_platform"}),
    "audit_make_partition(text,text)": ("ln_owner", set()),
    "audit_prepare_partitions(integer)": ("ln_owner", {"ln_platform"}),
    "audit_refuse_change()": ("ln_owner", set()),
    "audit_take_over(text,text,text,text)": ("ln_owner", set()),
    "scim_drop_request_log(text)": ("ln_owner", {"ln_platform"}),
    "scim_prepare_request_log(integer)": ("ln_owner", {"ln_platform"}),
    "scim_tenants_with_indexes_to_build()": ("ln_lookup", {"ln_app", "ln_platform"}),
    "tenants_ended_access_tokens(timestamp with time zone)": ("ln_lookup", {"ln_app", "ln_platform"}),
    "tenants_ending_tokens(timestamp with time zone)": ("ln_lookup", {"ln_app", "ln_platform"}),
    "tenants_find_customer_memberships(uuid)": ("ln_lookup", {"ln_app", "ln_platform"}),
    "tenants_find_operator_memberships(uuid)": ("ln_lookup", {"ln_app", "ln_platform"}),
    "tenants_find_setup_link(uuid)": ("ln_lookup", {"ln_app", "ln_platform"}),
    "tenants_find_token(text)": ("ln_lookup", {"ln_app", "ln_platform"}),
}
LOOKUP_MAY = {
    ("scim_attribute_index", "SELECT"),
    ("tenants_client_token", "SELECT"),
    ("tenants_customer_membership", "SELECT"),
    ("tenants_operator_membership", "SELECT"),
    ("tenants_setup_link", "SELECT"),
    ("tenants_sign_in_policy", "SELECT"),
}

EXPRESSION = (
    "(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid AS \"nullif\"))"
)
# Everybody reads the tenants; each writes its own row.
OWN_ROW = EXPRESSION.replace("tenant_id =", "id =", 1)
GLOBAL_POLICIES = {
    "tenants_tenant": [
        ("everybody_reads", "r", True, [0], "true", None),
        ("own_row", "w", True, [0], OWN_ROW, OWN_ROW),
    ]
}
POLICY = ("tenant_isolation", "*", True, [0], EXPRESSION, EXPRESSION)
OF_OURS = "nspname !~ '^pg_' AND nspname <> 'information_schema'"

# A partition is of the class of its topmost parent.
RELATIONS = f"""
WITH RECURSIVE tree AS (
    SELECT c.oid, c.relname::text AS root FROM pg_class c WHERE NOT c.relispartition
    UNION ALL
    SELECT inhrelid, root FROM tree JOIN pg_inherits ON inhparent = tree.oid
)
SELECT c.oid, c.relname::text, root, c.relkind::text, c.relispartition, nspname::text, r.rolname::text,
       c.relrowsecurity AND c.relforcerowsecurity,
       (SELECT array_agg(attnotnull) FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id')
FROM tree JOIN pg_class c USING (oid)
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relkind NOT IN ('i', 'I', 'c') AND {OF_OURS} ORDER BY 2
"""
POLICIES = """
SELECT polname::text, polcmd::text, polpermissive, polroles::int[], pg_get_expr(polqual, polrelid),
       pg_get_expr(polwithcheck, polrelid)
FROM pg_policy WHERE polrelid = %s ORDER BY 1
"""
# Privileges of a role or of everybody, on the table or on some of its columns.
GRANTS = """
SELECT privilege_type || coalesce(' (' || attname || ')', ''), c.relname::text FROM (
    SELECT oid, NULL::name AS attname, relacl AS acl FROM pg_class
    UNION ALL SELECT attrelid, attname, attacl FROM pg_attribute
) g JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(acl) a
WHERE a.grantee IN (0, %s::regrole) AND nspname !~ '^pg_' AND nspname <> 'information_schema'
"""
# Constraints and indexes on either side of whose keys stands a tenant table: first columns here and there.
KEYS = """
SELECT k.name, k.relid::regclass::text, a.attname::text, k.torelid::regclass::text, b.attname::text FROM (
    SELECT conname::text AS name, conrelid AS relid, conkey[1] AS col, confrelid AS torelid, confkey[1] AS tocol
    FROM pg_constraint WHERE contype IN ('p', 'u', 'f', 'x')
    UNION ALL SELECT indexrelid::regclass::text, indrelid, indkey[0], 0, NULL FROM pg_index
) k JOIN pg_class c ON c.oid = k.relid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = relid AND a.attnum = col AND col > 0
LEFT JOIN pg_attribute b ON b.attrelid = torelid AND b.attnum = tocol
WHERE nspname = 'public' ORDER BY 1
"""
FUNCTIONS = f"""
SELECT p.oid::regprocedure::text, r.rolname::text, prosecdef, proconfig,
       (SELECT array_agg(coalesce(g.rolname, 'PUBLIC')::text)
        FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a
        LEFT JOIN pg_roles g ON g.oid = a.grantee WHERE a.grantee <> proowner)
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace JOIN pg_roles r ON r.oid = proowner
WHERE {OF_OURS} ORDER BY 1
"""
# One row and column a sentence about a role that is true where something is wrong.
ROLE = """
SELECT rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb OR rolreplication,
       EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid),
       EXISTS (SELECT FROM pg_shdepend WHERE refobjid = r.oid AND refclassid = 'pg_authid'::regclass AND deptype = 'o'),
       EXISTS (SELECT FROM pg_namespace n WHERE has_schema_privilege(r.oid, n.oid, 'CREATE')),
       EXISTS (SELECT FROM pg_default_acl, aclexplode(defaclacl) WHERE grantee IN (0, r.oid))
FROM pg_roles r WHERE rolname = %s
"""
ROLE_FAULTS = (
    "is a superuser",
    "bypasses row-level security",
    "may create roles or databases, or replicate",
    "is a member of another role",
    "owns something",
    "may create in a schema",
    "is granted what will be made",
)
DATABASE = "SELECT has_database_privilege(%s, %s, 'CREATE'), has_database_privilege(%s, %s, 'TEMP')"


def find_table_faults(cursor: Any) -> Iterator[str]:
    """Tables and whatever else has rows: unclassed, foreign, not isolated."""
    cursor.execute(RELATIONS)
    for oid, name, root, kind, is_partition, schema, owner, isolated, tenant_column in cursor.fetchall():
        if kind == "S":
            continue  # a sequence holds no rows; who may use it is seen among the grants
        if schema != "public" or owner != "ln_owner" or kind not in {"r", "p"} or root not in TENANT | GLOBAL:
            yield f"{schema}.{name} is not classed"
        if root in TENANT and tenant_column != [True]:
            yield f"{name}.tenant_id may be null or is missing"
        if root in TENANT and not is_partition | isolated:
            yield f"{name} lacks forced row-level security"
        cursor.execute(POLICIES, [oid])
        policies = cursor.fetchall()
        if root in TENANT and (isolated or not is_partition) and policies != [POLICY]:
            yield f"{name} has other policies than the one: {policies}"
        if root in GLOBAL and policies != GLOBAL_POLICIES.get(root, []):
            yield f"{name} has other policies than are classed: {policies}"


def find_key_faults(cursor: Any) -> Iterator[str]:
    """Keys, unique constraints, references and indexes of tenant tables that do not begin with the tenant."""
    cursor.execute(RELATIONS)
    tenant_tables = {name for _, name, root, *_ in cursor.fetchall() if root in TENANT}
    cursor.execute(KEYS)
    for name, table, column, to, to_column in cursor.fetchall():
        sides = ((table, column), (to, to_column))
        is_across = name in ACROSS_TENANTS or ACROSS_PARTITIONS.fullmatch(name)
        if not is_across and any(t in tenant_tables and c != "tenant_id" for t, c in sides):
            yield f"{name} on {table} does not begin with tenant_id"


def find_grant_faults(cursor: Any) -> Iterator[str]:
    """Privileges of ln_app and ln_lookup other than those that are classed."""
    wanted = {
        "ln_app": {(table, privilege) for table, may in (TENANT | GLOBAL).items() for privilege in may},
        "ln_lookup": LOOKUP_MAY,
    }
    for role, may in wanted.items():
        cursor.execute(GRANTS, [role])
        found = {(table, privilege) for privilege, table in cursor.fetchall()}
        yield from (f"{role} has {privilege} on {table}" for table, privilege in sorted(found - may))
        yield from (f"{role} lacks {privilege} on {table}" for table, privilege in sorted(may - found))


def find_function_faults(cursor: Any) -> Iterator[str]:
    """Functions that are not classed, or run as their owner otherwise than they are classed."""
    cursor.execute(FUNCTIONS)
    for name, owner, is_definer, settings, callers in cursor.fetchall():
        if not is_definer or name not in DEFINERS:
            yield f"function {name} is not classed"
        elif (owner, set(callers or ())) != DEFINERS[name]:
            yield f"function {name} belongs to {owner} and may be called by {callers}"
        elif settings != ["search_path=public, pg_temp"]:
            yield f"function {name} has the settings {settings}"


def find_role_faults(cursor: Any, role: str = "ln_app") -> Iterator[str]:
    """What a role may beyond grants on tables."""
    cursor.execute(ROLE, [role])
    yield from (f"{role} {fault}" for fault, found in zip(ROLE_FAULTS, cursor.fetchone(), strict=True) if found)


def find_database_faults(cursor: Any, database: str) -> Iterator[str]:
    """Whether ln_app may make anything in the database."""
    cursor.execute(DATABASE, ["ln_app", database, "ln_app", database])
    faults = zip(("CREATE", "TEMP"), cursor.fetchone(), strict=True)
    yield from (f"ln_app has {privilege} on the database {database}" for privilege, found in faults if found)
