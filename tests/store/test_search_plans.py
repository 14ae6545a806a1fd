"""Look-ups go through their index, as ln_app under row-level security, in a tenant of thousands.

Asked for the plan PostgreSQL makes with the values known, and for the one it keeps for a statement prepared once.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

from labsninja.kernel.isolation import Scope, tenant_context, tenant_scope
from scim.protocol.cursors import Position
from scim.protocol.schemas import GROUP, USER
from scim.protocol.schemas.definitions import ResourceType
from scim.store import search
from scim.store.computed import PLAIN, Aspects
from scim.store.filter_sql import Parameters
from tests.protocol.shapes import parse
from tests.store.groups import LOCATIONS

MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"
PEOPLE = """
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, external_id, display_name, active, document, search,
                           version, created_at, modified_at)
SELECT %(tenant)s, gen_random_uuid(), t, 'user' || n, 'ext' || n, 'name' || n, true, '{}',
       jsonb_build_object('emails', jsonb_build_array(jsonb_build_object('type', 'work', 'value', n || '@lab.test'))),
       1, now(), now()
FROM generate_series(1, 3000) n, unnest('{User,Group}'::text[]) t
"""
INDEX = """
INSERT INTO scim_resource_index (tenant_id, resource_type, path, value, resource_id)
SELECT tenant_id, resource_type, unnest(ARRAY['emails.value', %(manager)s::text]),
       unnest(ARRAY[substr(user_name, 5) || '@lab.test', 'boss' || substr(user_name, 5)]), id
FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = 'User'
"""
MEMBERS = """
INSERT INTO scim_member (tenant_id, group_id, value, member_id, member_type, added_at)
SELECT p.tenant_id, g.id, p.id::text, p.id, 'User', now()
FROM scim_resource p JOIN scim_resource g ON g.tenant_id = p.tenant_id AND g.resource_type = 'Group'
     AND g.display_name = 'name' || (1 + substr(p.user_name, 5)::int %% 300)
WHERE p.tenant_id = %(tenant)s AND p.resource_type = 'User'
"""
TABLES = "scim_resource, scim_resource_index, scim_member"
EXPLAIN = {"with values": "EXPLAIN (COSTS OFF) ", "prepared": "EXPLAIN (COSTS OFF, GENERIC_PLAN) "}
ID = "00000000-0000-0000-0000-000000000001"
IN_INDEX = (
    r"Index (Only )?Scan using scim_resource_index_pkey on scim_resource_index \w+\n"
    r" *Index Cond: \(\(tenant_id = .*\) AND \(resource_type = .*\) AND \(path = .*\) AND \(value = .*\)\)"
)
BY_ID = r"Index Cond: \(\(tenant_id = .*\) AND \(id = .*\)\)"
FOUND_BY_ID = r"scim_resource_(pkey|live)( on scim_resource.*)?\n *Index Cond: .* AND \(id = ANY "
WANTED = [
    (USER, 'userName eq "User1"', r"scim_resource_user_name_unique.*\n.*Index Cond:.* AND \(user_name = "),
    (USER, 'externalId eq "ext1"', r"scim_resource_external_id.*\n.*Index Cond:.* AND \(external_id = "),
    (USER, 'displayName eq "Name1"', r"scim_resource_display_name.*\n.*Index Cond:.* AND \(display_name = "),
    (USER, f'id eq "{ID}"', BY_ID),
    (USER, 'emails.value eq "1@LAB.test"', IN_INDEX),
    (USER, 'emails eq "1@LAB.test"', IN_INDEX),
    (USER, 'emails[type eq "work"].value eq "1@LAB.test"', IN_INDEX),
    (USER, 'emails[type eq "work"].value eq "1@LAB.test" and active eq true', IN_INDEX),
    (USER, 'userName eq "user1" or emails.value eq "1@lab.test"', IN_INDEX),
    (USER, 'userName eq "user1" or emails.value eq "1@lab.test"', r"scim_resource_user_name_unique"),
    (USER, 'emails.value co "11@lab.test" and active eq true', FOUND_BY_ID),
    (USER, 'emails.value sw "11@lab" and active eq true', FOUND_BY_ID),
    (USER, f'manager.value eq "{ID}"', IN_INDEX),
    (USER, f'groups.value eq "{ID}"', r"scim_member_pkey.*\n.*Index Cond:.* AND \(group_id = "),
    (GROUP, f'members.value eq "{ID}"', r"scim_member_groups_of.*\n.*Index Cond:.* AND \(member_id = "),
    (GROUP, f'members[value eq "{ID}"]', r"scim_member_groups_of.*\n.*Index Cond:.* AND \(member_id = "),
    (GROUP, f'id eq "{ID}" and members eq "{ID}"', BY_ID),
]


@pytest.fixture(name="crowded", params=["seen", "unseen"])
def _crowded(make_tenant: Callable[[], UUID], request: pytest.FixtureRequest) -> Iterator[Scope]:
    """A scope of a tenant with 3,000 people and as many groups, with statistics or not yet."""
    tenant_id = make_tenant()
    with tenant_context(tenant_id):
        for statement in (PEOPLE, INDEX, MEMBERS):
            with tenant_scope() as scope:
                scope.execute(statement, {"tenant": tenant_id, "manager": MANAGER})
            if request.param == "seen":
                with connections["owner"].cursor() as cursor:
                    cursor.execute(f"ANALYZE {TABLES}")
        with tenant_scope() as scope:
            yield scope


def test_any_tenant_may_be_the_whole_table(tenant: UUID) -> None:
    with tenant_scope() as scope:
        for table in TABLES.split(", "):
            plan = _rows(scope.execute(f"EXPLAIN SELECT FROM {table} WHERE tenant_id = %s", [tenant]))
            whole = _rows(scope.execute(f"EXPLAIN SELECT FROM {table}", []))
            assert _expected_rows(plan) == _expected_rows(whole), plan


@pytest.mark.parametrize("how", EXPLAIN)
def test_look_up_is_by_its_index(crowded: Scope, how: str) -> None:
    for resource_type, text, wanted in WANTED:
        plan = _explain(crowded, resource_type, text, how)
        assert re.search(wanted, plan), f"{text}\n{plan}"
        assert "groups" in text or "Seq Scan" not in plan, f"{text}\n{plan}"


@pytest.mark.parametrize("how", EXPLAIN)
def test_groups_of_who_is_looked_up_are_found_by_both_indexes(crowded: Scope, how: str) -> None:
    plan = _explain(crowded, USER, 'userName eq "User1"', how, aspects=Aspects(LOCATIONS, groups=True))
    assert re.search(r"scim_resource_user_name_unique.*\n.*Index Cond:.* AND \(user_name = ", plan), plan
    assert re.search(r"scim_member_groups_of.*\n.*Index Cond:.* AND \(member_id = ", plan), plan
    assert "Seq Scan" not in plan, plan


@pytest.mark.parametrize("how", EXPLAIN)
@pytest.mark.parametrize("backward", [False, True])
def test_cursor_page_is_read_from_the_index_of_ids_behind_its_position(
    crowded: Scope, how: str, backward: bool
) -> None:
    plan = _explain(crowded, USER, "", how, Position(ID, backward=backward))
    order = "<" if backward else ">"
    wanted = rf"scim_resource_live on scim_resource r(_\d)?\n *Index Cond: .* AND \(id {order} "
    assert re.search(wanted, plan), plan
    assert "Sort" not in plan.split("CTE page")[1].split("->  ")[1], plan


@pytest.mark.parametrize("how", EXPLAIN)
def test_page_with_groups_and_members_is_read_by_indexes(crowded: Scope, how: str) -> None:
    for resource_type, index in ((USER, "scim_member_groups_of"), (GROUP, "scim_member_pkey")):
        plan = _explain(crowded, resource_type, "", how, aspects=Aspects(LOCATIONS, groups=True, members=True))
        assert re.search(rf"{index}.*\n.*Index Cond:", plan), plan
        assert "Seq Scan" not in plan, plan


def _explain(
    scope: Scope,
    resource_type: ResourceType,
    text: str,
    how: str,
    position: Position | None = None,
    aspects: Aspects = PLAIN,
) -> str:
    params = Parameters(tenant_id=scope.tenant_id, resource_type=resource_type, locations=LOCATIONS)
    params.values |= {"offset": 0, "limit": 100, **aspects.params}
    wanted = search.Search(parse(text, resource_type=resource_type) if text else None, position=position)
    return _plan(scope, search._compile(wanted, [resource_type], params, aspects), params.values, how)


def _plan(scope: Scope, statement: str, values: dict[str, Any], how: str) -> str:
    if how == "prepared":
        raw = scope.connection.connection.cursor()
        return _rows(raw.execute(EXPLAIN[how] + _numbered(statement, values), prepare=False))
    return _rows(scope.execute(EXPLAIN[how] + statement, values))


def _numbered(statement: str, values: dict[str, Any]) -> str:
    """The statement as the driver sends it: with $1, $2."""
    query = PostgresQuery(Transformer())
    query.convert(statement, values)
    return query.query.decode()


def _rows(cursor: Any) -> str:
    return "\n".join(row[0] for row in cursor.fetchall())


def _expected_rows(plan: str) -> int:
    found = re.search(r"rows=(\d+)", plan)
    assert found, plan
    return int(found.group(1))
