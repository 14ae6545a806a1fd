"""The bench measures on a directory like one that came over HTTP."""

import json
from typing import Any
from uuid import UUID

from bench.seeding import group_body, group_id, seed_directory, user_body, user_id
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tests.scim.conftest import Provider

RESOURCE = """
SELECT resource_type, user_name, external_id, display_name, unique_name, active, document, search::text, version
FROM scim_resource WHERE tenant_id = %s AND id = %s
"""
INDEX = "SELECT path, value FROM scim_resource_index WHERE tenant_id = %s AND resource_id = %s ORDER BY 1, 2"
MEMBERS = """
SELECT value, folded, member_id, member_type FROM scim_member WHERE tenant_id = %s AND group_id = %s ORDER BY 1
"""


def _rows(tenant_id: UUID, resource_id: UUID) -> list[Any]:
    with tenant_context(tenant_id), tenant_scope() as scope:
        params = [tenant_id, resource_id]
        return [scope.execute(statement, params).fetchall() for statement in (RESOURCE, INDEX, MEMBERS)]


def _seed(provider: Provider) -> Provider:
    with tenant_context(provider.tenant_id):
        assert seed_directory(users=12) == [10]
    return provider


def test_seeded_user_has_the_rows_of_one_that_was_posted(provider: Provider, make_provider: Any) -> None:
    _seed(provider)
    other: Provider = make_provider()
    posted = json.loads(other.send("POST", "/Users", user_body("0000011")).content)
    seeded = _rows(provider.tenant_id, user_id(11))
    assert seeded == _rows(other.tenant_id, UUID(posted["id"]))
    assert len(seeded[0]) == 1
    assert seeded[1]


def test_seeded_group_has_the_rows_of_one_that_was_posted(provider: Provider) -> None:
    _seed(provider)
    with_members = {"members": [{"value": str(user_id(number))} for number in range(1, 11)]}
    body = {**group_body("0000099"), **with_members}
    posted = UUID(json.loads(provider.send("POST", "/Groups", body).content)["id"])
    seeded, sent = _rows(provider.tenant_id, group_id(10)), _rows(provider.tenant_id, posted)
    assert seeded[1:] == sent[1:]
    assert str(seeded[0]).replace("0000010", "0000099") == str(sent[0])
    assert len(seeded[2]) == 10


def test_seeded_users_are_counted(provider: Provider) -> None:
    answer = _seed(provider).send("GET", "/Users?count=0")
    assert json.loads(answer.content)["totalResults"] == 12
