"""What a request costs in round trips: how often the client asks the server to answer before it goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from audit.actors import system_origin
from bench.round_trips import count_round_trips
from labsninja.kernel.isolation import tenant_scope
from labsninja.kernel.secrets import encrypt_secret
from labsninja.kernel.secrets.data_keys import key_cache
from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.list_query import read_list_query
from scim.protocol.schemas import GROUP, USER
from scim.protocol.schemas.definitions import ResourceType
from scim.queries import Asker, Aspects, find_resource, search_resources
from scim.services.resources import create_resource, delete_resource, patch_resource, replace_resource
from scim.services.writes import Writing
from scim.store.pipeline import pipelined_scope
from scim.store.resources import get_resource
from tests.store.people import count_live, insert_person

LOCATIONS = {"User": "https://scim.example.com/scim/v2/Users/", "Group": "https://scim.example.com/scim/v2/Groups/"}


@pytest.fixture(autouse=True)
def _data_key(tenant: UUID) -> None:
    """The tenant has one, as from its first secret on."""
    encrypt_secret(tenant_id=tenant, table="test", column="secret", row="1", plaintext=b"secret")


@contextmanager
def _round_trips(expected: int) -> Iterator[None]:
    """Everything inside takes exactly so many round trips of the serving connection."""
    with count_round_trips() as counted:
        yield
    assert counted.number == expected, counted.told


def _post(user_name: str) -> UUID:
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name}
    return create_resource(body=body, writing=Writing(USER, system_origin("test"), Reading())).id


def test_post_is_written_in_one_round_trip(tenant: UUID) -> None:
    for name in ("first", "prepared", "known"):
        with _round_trips(1):
            _post(name)


def test_post_of_a_process_that_has_not_the_data_key_at_hand_takes_one_round_trip_more(tenant: UUID) -> None:
    _post("ada")
    key_cache.clear()
    with _round_trips(2):
        _post("bob")
    with _round_trips(1):
        _post("eve")


def test_get_is_answered_in_one_round_trip(tenant: UUID) -> None:
    created = _post("ada")
    for _ in range(3):
        with _round_trips(1):
            found = find_resource(resource_type=USER, resource_id=created, aspects=Aspects(LOCATIONS, groups=True))
        assert found.id == created


def test_search_by_user_name_is_answered_in_one_round_trip(tenant: UUID) -> None:
    created = _post("ada")
    query = read_list_query({"filter": 'userName eq "Ada"'}, namespace=USER.namespace, reading=Reading())
    asker = Asker("", "/Users", datetime(2026, 1, 1, tzinfo=UTC))
    with _round_trips(1):
        page = search_resources(resource_types=[USER], query=query, aspects=Aspects(LOCATIONS), asker=asker)
    assert [found.id for found in page.resources] == [created]


def _writing(resource_type: ResourceType) -> Writing:
    return Writing(resource_type, system_origin("test"), Reading(), locations=LOCATIONS)


def _patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [urns.PATCH_OP], "Operations": list(operations)}


def test_put_is_written_in_two_round_trips(tenant: UUID) -> None:
    created = _post("ada")
    for title in ("first", "prepared", "known"):
        body = {"schemas": [urns.USER], "userName": "ada", "title": title}
        with _round_trips(2):
            replace_resource(resource_id=created, body=body, writing=_writing(USER))


def test_put_of_a_process_that_has_not_the_data_key_at_hand_takes_no_further_round_trip(tenant: UUID) -> None:
    created = _post("ada")
    for title in ("first", "prepared", "known"):
        key_cache.clear()
        with _round_trips(2):
            body = {"schemas": [urns.USER], "userName": "ada", "title": title}
            replace_resource(resource_id=created, body=body, writing=_writing(USER))


def test_patch_is_written_in_two_round_trips(tenant: UUID) -> None:
    created = _post("ada")
    for active in (True, False, True):
        body = _patch({"op": "replace", "path": "active", "value": active})
        with _round_trips(2):
            patch_resource(resource_id=created, body=body, writing=_writing(USER))


def test_one_member_comes_or_goes_in_three_round_trips(tenant: UUID) -> None:
    member = _post("ada")
    body = {"schemas": [urns.GROUP], "displayName": "Staff"}
    with _round_trips(1):
        group = create_resource(body=body, writing=_writing(GROUP)).id
    come = {"op": "add", "path": "members", "value": [{"value": str(member)}]}
    leave = {"op": "remove", "path": f'members[value eq "{member}"]'}
    for operation in (come, leave) * 2:
        with _round_trips(3):
            patch_resource(resource_id=group, body=_patch(operation), writing=_writing(GROUP))


def test_delete_is_written_in_two_round_trips_however_many_groups_there_are(tenant: UUID) -> None:
    created = _post("ada")
    for name in ("Staff", "Choir"):
        members = {"schemas": [urns.GROUP], "displayName": name, "members": [{"value": str(created)}]}
        create_resource(body=members, writing=_writing(GROUP))
    with _round_trips(2):
        delete_resource(resource_id=created, writing=_writing(USER))


def test_look_up_with_computed_attributes_is_answered_in_one_round_trip(tenant: UUID) -> None:
    ada = _post("ada")
    members = {"schemas": [urns.GROUP], "displayName": "Staff", "members": [{"value": str(ada)}]}
    group = create_resource(body=members, writing=_writing(GROUP)).id
    asker, shown = Asker("okta", "User", datetime.now(UTC)), {}
    for resource_type, text in ((USER, 'userName eq "Ada"'), (GROUP, 'displayName eq "staff"')):
        query = read_list_query({"filter": text}, namespace=resource_type.namespace, reading=Reading())
        aspects = Aspects(LOCATIONS, groups=resource_type is USER, members=resource_type is GROUP)
        for _ in range(3):
            with _round_trips(1):
                page = search_resources(resource_types=[resource_type], query=query, aspects=aspects, asker=asker)
            (shown[resource_type.name],) = page.resources
    assert str(group) in str(shown["User"].groups)
    assert str(ada) in str(shown["Group"].members)


def test_page_with_groups_is_answered_in_one_round_trip(tenant: UUID) -> None:
    _post("ada")
    query = read_list_query({}, namespace=USER.namespace, reading=Reading())
    asker = Asker("okta", "User", datetime.now(UTC))
    with _round_trips(1):
        page = search_resources(
            resource_types=[USER], query=query, aspects=Aspects(LOCATIONS, groups=True), asker=asker
        )
    assert page.total == 1


def test_fetching_inside_a_scope_costs_one_round_trip_more(tenant: UUID) -> None:
    with _round_trips(2), pipelined_scope():
        insert_person("ada")
        count_live()


def test_sequential_scope_costs_a_round_trip_for_every_statement(tenant: UUID) -> None:
    """The control: BEGIN, set_config, three statements and COMMIT, once all are prepared."""
    for name in ("ada", "eve"):  # a statement is prepared at its second use
        with tenant_scope():
            insert_person(name)
    with _round_trips(6), tenant_scope():
        insert_person("bob")


def test_scope_of_one_statement_costs_one_round_trip(tenant: UUID) -> None:
    with _round_trips(1), pipelined_scope():
        get_resource(resource_type="User", resource_id=tenant)
