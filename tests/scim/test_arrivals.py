"""Members who are named while they arrive: transactions that cross do not see each other, the ledger's duty does."""

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from audit.actors import system_origin
from audit.queries import list_events_of
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.models import Change
from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.schemas import BUILT_IN
from scim.services.arrivals import ArrivalsAttendant, attach_arrivals
from scim.services.resources import create_resource, patch_resource
from scim.services.writes import Writing
from scim.store.members import list_members
from scim.store.pipeline import pipelined_scope

NAMES = ("ada@example.com", "bo@example.com")


def _writing(name: str) -> Writing:
    resource_type = BUILT_IN.resource_type(name)
    assert resource_type is not None
    return Writing(resource_type, system_origin("test"), Reading())


def _create_user(name: str) -> UUID:
    return create_resource(body={"schemas": [urns.USER], "userName": name}, writing=_writing("User")).id


def _add_member(tenant_id: UUID, group_id: UUID, name: str) -> None:
    operation = {"op": "add", "path": "members", "value": [{"value": name}]}
    body: dict[str, Any] = {"schemas": [urns.PATCH_OP], "Operations": [operation]}
    with tenant_context(tenant_id):
        patch_resource(resource_id=group_id, body=body, writing=_writing("Group"))
    connections.close_all()


def _cross(tenant_id: UUID, group_id: UUID, name: str) -> UUID:
    """Create a user in a transaction that is still open while another one, which commits first, names them."""
    with pipelined_scope():
        created = _create_user(name)
        adding = Thread(target=_add_member, args=(tenant_id, group_id, name))
        adding.start()
        adding.join()
    return created


@pytest.fixture
def group(tenant: UUID) -> UUID:
    """A group without members."""
    return create_resource(body={"schemas": [urns.GROUP], "displayName": "lab"}, writing=_writing("Group")).id


def _members(group_id: UUID) -> list[UUID]:
    with tenant_scope():
        return [member.id for member in list_members(group_id=group_id, limit=10)]


def test_creation_and_patch_that_cross_leave_a_member_to_the_duty(tenant: UUID, group: UUID) -> None:
    created = [_cross(tenant, group, name) for name in NAMES]
    assert _members(group) == []
    assert ArrivalsAttendant().attach_some() >= 2  # other tests' tenants are looked after, too
    assert _members(group) == created
    assert ArrivalsAttendant().attach_some() == 0


@pytest.mark.capability("deferred-members")
def test_group_that_the_duty_changes_has_a_new_version_a_change_and_an_event(tenant: UUID, group: UUID) -> None:
    _cross(tenant, group, NAMES[0])
    assert attach_arrivals(origin=system_origin("ledger"), limit=10) == 1
    with tenant_scope():
        changes = [(change.version, change.kind) for change in Change.objects.filter(resource_id=group).order_by("id")]
    assert changes == [(1, "created"), (2, "members")]
    assert [event.actor_label for event in list_events_of(target_id=group)][-1] == "ledger"


def test_round_is_a_minute_long(tenant: UUID, group: UUID) -> None:
    attendant = ArrivalsAttendant()
    attendant.attach_some()
    _cross(tenant, group, NAMES[0])
    assert attendant.attach_some() == 0
    assert _members(group) == []


def test_no_more_arrivals_than_asked_for_are_attached(tenant: UUID, group: UUID) -> None:
    for name in NAMES:
        _cross(tenant, group, name)
    assert [attach_arrivals(origin=system_origin("ledger"), limit=1) for _ in range(3)] == [1, 1, 0]
