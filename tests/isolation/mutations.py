"""Every guard of tenant isolation, taken away once: its text, what stands there instead, the tests that must notice."""

from dataclasses import dataclass

CONTEXT = "labsninja/kernel/isolation/context.py"
MANAGERS = "labsninja/kernel/isolation/managers.py"
RLS = "labsninja/kernel/isolation/rls.py"
GUARD = "labsninja/kernel/postgresql/base.py"
STORE = "scim/store/resources.py"
SCOPES, LAYERS = "tests/isolation/test_scopes.py", "tests/isolation/test_layers.py"
CATALOG, SERVING = "tests/isolation/test_catalog.py", "tests/isolation/test_refusal_to_serve.py"
FILTER, PIPELINE = "tests/store/test_tenant_filter.py", "tests/store/test_pipeline.py"
ANY = "%s::uuid IS NOT NULL"


@dataclass(frozen=True)
class Mutation:
    """`old`, which `path` holds once, becomes `new`; one of `tests` turns red. `words` narrows them (pytest's -k)."""

    guard: str
    path: str
    old: str
    new: str
    tests: str
    words: str = ""


MUTATIONS = (
    Mutation("manager filters by tenant", MANAGERS, ".filter(tenant_id=scope.tenant_id)", "", LAYERS, "manager_alone"),
    Mutation(
        "manager needs a scope",
        MANAGERS,
        "        scope = current_scope()\n",
        """\
        from labsninja.kernel.isolation.context import Scope
        scope = Scope(current_tenant(), "default", None, print)
""",
        LAYERS,
        "refused_before_any",
    ),
    Mutation(
        "manager of all needs cross_tenant",
        MANAGERS,
        "if not is_cross_tenant():",
        "if False:",
        LAYERS,
        "refused_before_any",
    ),
    Mutation(
        "statement needs a scope",
        GUARD,
        "if not allowed and (found",
        "if False and (found",
        SCOPES,
        "statement or lazy",
    ),
    Mutation(
        "statement needs the scope's connection",
        CONTEXT,
        "return scope is not None and scope.connection is connection",
        "return scope is not None",
        LAYERS,
        "another_connection",
    ),
    Mutation(
        "platform role is guarded", GUARD, '{"default", "platform"}', '{"default"}', LAYERS, "on_the_platform_role"
    ),
    Mutation(
        "cross_tenant opens the platform role alone",
        GUARD,
        '(connection.alias == "platform" and is_cross_tenant())',
        "is_cross_tenant()",
        LAYERS,
        "does_not_open",
    ),
    Mutation(
        "scope stays in its thread",
        CONTEXT,
        "if connections[scope.alias] is not scope.connection:",
        "if False:",
        LAYERS,
        "inherited",
    ),
    Mutation(
        "binding needs no other tenant",
        CONTEXT,
        "if bound is not None and bound != tenant_id:",
        "if False:",
        SCOPES,
        "binding",
    ),
    Mutation(
        "scope needs a tenant", CONTEXT, "    if tenant_id is None:\n", "    if False:\n", SCOPES, "without_a_bound"
    ),
    Mutation(
        "scope tells PostgreSQL the tenant",
        CONTEXT,
        "cursor.execute(SET_TENANT, [str(tenant_id)])",
        "pass",
        SCOPES,
        "sets_the_tenant",
    ),
    Mutation(
        "pipelined scope tells PostgreSQL the tenant",
        "scim/store/pipeline.py",
        "        pipeline.execute(SET_TENANT_BY_KEYS if by_keys else SET_TENANT, [str(tenant_id)])\n",
        "",
        PIPELINE,
        "runs_as_the_tenant",
    ),
    Mutation(
        "reading scope tells PostgreSQL the tenant",
        "scim/store/pipeline.py",
        "WHEN set_config('app.tenant_id', %(tenant)s::text, true) <> ''",
        "WHEN %(tenant)s::text <> ''",
        PIPELINE,
        "runs_as_the_tenant",
    ),
    Mutation(
        "setting ends with the transaction",
        CONTEXT,
        "set_config('app.tenant_id', %s, true)",
        "set_config('app.tenant_id', %s, false)",
        SCOPES,
        "leaves_nothing",
    ),
    Mutation(
        "scope has its own transaction",
        CONTEXT,
        "if connections[alias].in_atomic_block:",
        "if False:",
        SCOPES,
        "foreign",
    ),
    Mutation(
        "nested scope is of the same tenant",
        CONTEXT,
        "if (scope.tenant_id, scope.alias) != (tenant_id, alias):",
        "if False:",
        LAYERS,
        "outlives",
    ),
    Mutation(
        "context stays within its scope's tenant",
        CONTEXT,
        "if scope is not None and scope.tenant_id != tenant_id:",
        "if False:",
        SCOPES,
        "context_of_another",
    ),
    Mutation("context ends", CONTEXT, "        _tenant.reset(token)\n", "        pass\n", SCOPES, "restores"),
    Mutation("scope ends", CONTEXT, "        _scope.reset(token)\n", "        pass\n", LAYERS, "open_no_more"),
    Mutation(
        "cross_tenant ends",
        CONTEXT,
        "        _cross.reset(token)\n",
        "        pass\n",
        SCOPES,
        "need_a_cross or leaves_an_event or sees_every",
    ),
    Mutation(
        "cross_tenant needs a reason",
        CONTEXT,
        "if not reason or not _recorders:",
        "if not _recorders:",
        SCOPES,
        "reason",
    ),
    Mutation(
        "cross_tenant needs a recorder",
        CONTEXT,
        "if not reason or not _recorders:",
        "if not reason:",
        LAYERS,
        "nobody_would_record",
    ),
    Mutation(
        "cross_tenant is recorded",
        CONTEXT,
        "        _recorders[0](stay=stay)\n",
        "        pass\n",
        SCOPES,
        "leaves_an_event",
    ),
    Mutation(
        "cross_tenant stays out of scopes",
        CONTEXT,
        '    if _scope.get() is not None:\n        raise IsolationError("cross',
        '    if False:\n        raise IsolationError("cross',
        LAYERS,
        "inside_a_scope",
    ),
    Mutation(
        "task binds its tenant",
        "labsninja/kernel/isolation/tasks.py",
        "with tenant_context(UUID(tenant_id)):",
        "with tenant_context():",
        LAYERS,
        "task",
    ),
    Mutation("policy hides rows", RLS, "USING ({IS_TENANT})", "USING (true)", LAYERS, "policy_alone"),
    Mutation("policy refuses rows", RLS, "WITH CHECK ({IS_TENANT})", "WITH CHECK (true)", LAYERS, "policy_alone"),
    Mutation("row-level security is on", RLS, '" ENABLE ROW', '" DISABLE ROW', LAYERS, "policy_alone"),
    Mutation("row-level security binds the owner", RLS, '" FORCE ROW', '" NO FORCE ROW', LAYERS, "without_a_tenant"),
    Mutation("key begins with the tenant", RLS, '= ("tenant_id", "id")', '= ("id", "tenant_id")', CATALOG, "no_fault"),
    Mutation(
        "reference stays in the tenant",
        RLS,
        '            f\'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{column}") \'\n'
        "            f'REFERENCES \"{to}\" (tenant_id, id) ON DELETE {on_delete}',\n",
        '            "SELECT 1",\n',
        LAYERS,
        "reference",
    ),
    Mutation(
        "partition is out of the app's reach",
        "audit/migrations/0001_event.py",
        "'GRANT SELECT ON %I TO ln_platform'",
        "'GRANT SELECT ON %I TO ln_platform, ln_app'",
        CATALOG,
        "no_fault",
    ),
    Mutation(
        "look-up function is not for everybody",
        "tenants/migrations/0003_client_token.py",
        'f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"',
        '"SELECT 1"',
        CATALOG,
        "no_fault",
    ),
    Mutation(
        "tenant writes its own row alone",
        "tenants/migrations/0016_own_options.py",
        "FOR UPDATE USING ({IS_OWN})",
        "FOR UPDATE USING (true)",
        CATALOG,
        "no_fault",
    ),
    Mutation(
        "faulty deployment does not serve",
        "labsninja/checks.py",
        "    if faults:\n",
        "    if False:\n",
        SERVING,
        "served_with",
    ),
    Mutation(
        "get names its tenant",
        STORE,
        "WHERE r.tenant_id = %(tenant)s AND r.id = %(id)s AND r.resource_type",
        "WHERE r.tenant_id IS NOT NULL AND r.id = %(id)s AND r.resource_type",
        FILTER,
    ),
    Mutation(
        "find names its tenant",
        STORE,
        "WHERE tenant_id = %s AND resource_type = %s AND user_name",
        f"WHERE {ANY} AND resource_type = %s AND user_name",
        FILTER,
    ),
    Mutation(
        "page names its tenant",
        "scim/store/search.py",
        "r.tenant_id = %(tenant)s AND r.resource_type",
        "%(tenant)s::uuid IS NOT NULL AND r.resource_type",
        FILTER,
    ),
    Mutation(
        "total names its tenant",
        "scim/store/counters.py",
        "WHERE tenant_id = %(tenant)s AND resource_type =",
        "WHERE %(tenant)s::uuid IS NOT NULL AND resource_type =",
        FILTER,
    ),
    Mutation(
        "total of several types names its tenant",
        "scim/store/counters.py",
        "WHERE tenant_id = %(tenant)s AND resource_type IN",
        "WHERE %(tenant)s::uuid IS NOT NULL AND resource_type IN",
        FILTER,
    ),
    Mutation(
        "delete names its tenant",
        STORE,
        "left_groups = %s\n    WHERE tenant_id = %s",
        f"left_groups = %s\n    WHERE {ANY}",
        FILTER,
    ),
)
