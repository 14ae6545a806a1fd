"""A filter on an attribute that a tenant had indexed goes through the index, as ln_app under row-level security.

It is told from one on an attribute that is not indexed, and from the same filter while the index is built.
"""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.db import connections

from audit.actors import system_origin
from labsninja.kernel.isolation import Scope, tenant_context, tenant_scope
from scim.protocol.schemas.definitions import ResourceType
from scim.queries.schemas import find_present_schemas
from scim.services.index_builds import build_batch
from scim.services.schemas import define_schemas
from tests.store.test_search_plans import EXPLAIN, IN_INDEX, TABLES, _explain

LAB = "urn:example:lab:2.0:Badge"
ORIGIN = system_origin("test")
PEOPLE = """
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, active, document, search, version, created_at,
                           modified_at)
SELECT %(tenant)s, gen_random_uuid(), 'User', 'user' || n, true, held.document::text, held.document, 1, now(), now()
FROM generate_series(1, 3000) n, LATERAL (SELECT jsonb_build_object('userName', 'user' || n, %(lab)s::text,
    jsonb_build_object('office', 'o' || n, 'room', 'r' || n, 'number', n, 'doors', jsonb_build_array('d' || n)))
) AS held(document)
"""
ATTRIBUTES = [
    {"name": "office", "indexed": True},
    {"name": "number", "type": "integer", "uniqueness": "server"},
    {"name": "doors", "multiValued": True, "caseExact": True, "indexed": True},
    {"name": "room"},
]
BY_INDEX = [
    f'{LAB}:office eq "O7"',
    f'{LAB}:office sw "O7"',
    f"{LAB}:number eq 7",
    f'{LAB}:doors eq "d7"',
    f'{LAB}:office eq "o7" and {LAB}:room eq "r7"',
    f'userName eq "user1" or {LAB}:office eq "o7"',
]
WITHOUT = [f'{LAB}:room eq "r7"', f"{LAB}:number gt 7"]
# A prefix is a range of the key where the planner knows it, and otherwise asked of the attribute's own rows.
RANGE = r"scim_resource_index_pkey.*\n *Index Cond: \(\(tenant_id = .*\) AND \(resource_type = .*\) AND \(path = .*\)"


@pytest.fixture(name="defined", params=["seen", "unseen"])
def _defined(make_tenant: Callable[[], UUID], request: pytest.FixtureRequest) -> Iterator[tuple[Scope, ResourceType]]:
    """A scope of a tenant with 3,000 people whose extension was indexed when they were there, and its type of User."""
    tenant_id = make_tenant()
    with tenant_context(tenant_id):
        with tenant_scope() as scope:
            scope.execute(PEOPLE, {"tenant": tenant_id, "lab": LAB})
        define_schemas(definitions=[{"id": LAB, "attributes": ATTRIBUTES}], origin=ORIGIN, extends=["User"])
        before = find_present_schemas().resource_type("User")
        assert before is not None
        assert before.unindexed == {f"{LAB}:{name}" for name in ("office", "number", "doors")}
        while build_batch(origin=ORIGIN, limit=1000):
            pass
        user = find_present_schemas().resource_type("User")
        assert user is not None
        if request.param == "seen":
            with connections["owner"].cursor() as cursor:
                cursor.execute(f"ANALYZE {TABLES}")
        with tenant_scope() as scope:
            yield scope, user


@pytest.mark.parametrize("how", EXPLAIN)
def test_filter_on_an_indexed_attribute_is_answered_by_the_index(defined: tuple[Scope, ResourceType], how: str) -> None:
    scope, user = defined
    for text in BY_INDEX:
        plan = _explain(scope, user, text, how)
        wanted = RANGE if " sw " in text else IN_INDEX
        assert re.search(wanted, plan), f"{text}\n{plan}"
        assert "Seq Scan" not in plan, f"{text}\n{plan}"
    for text in WITHOUT:
        assert "scim_resource_index" not in _explain(scope, user, text, how)


def test_filter_is_answered_without_the_index_while_that_is_built(make_tenant: Callable[[], UUID]) -> None:
    tenant_id = make_tenant()
    with tenant_context(tenant_id):
        with tenant_scope() as scope:
            scope.execute(PEOPLE, {"tenant": tenant_id, "lab": LAB})
        define_schemas(definitions=[{"id": LAB, "attributes": ATTRIBUTES}], origin=ORIGIN, extends=["User"])
        user = find_present_schemas().resource_type("User")
        assert user is not None
        with tenant_scope() as scope:
            for text in BY_INDEX[:4]:
                assert "scim_resource_index" not in _explain(scope, user, text, "with values")
