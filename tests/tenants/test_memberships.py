"""Memberships: a role in each tenant, enforced where things are done; a tenant keeps an owner."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connections

from audit.actions import Action
from audit.actors import Origin, system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.realms import CONSOLE, PORTAL
from tenants.services.accounts.memberships import (
    LastOwnerError,
    accept_membership,
    add_member,
    change_role,
    enter_tenant,
    list_members,
    list_memberships,
    remove_member,
)
from tenants.services.accounts.people import UnknownPersonError
from tenants.services.accounts.sign_in import Step, decide_step
from tenants.services.accounts.sign_in_policy import change_factor_policy, has_factor_policy
from tenants.services.roles import RoleRefusedError
from tests.tenants.people import make_person, make_session, origin_of

ORIGIN = system_origin("test")
LESS_THAN_OWNER = [Role.ADMIN, Role.VIEWER]


def _join(role: Role, *, realm: Any = CONSOLE) -> Any:
    person = make_person(realm)
    add_member(realm=realm, person=person, role=role, origin=ORIGIN, is_accepted=True)
    return person


def _as(person: Any, realm: Any = CONSOLE) -> Origin:
    return origin_of(realm, person)


def test_operator_has_a_role_in_each_of_several_tenants(make_tenant: Callable[[], UUID]) -> None:
    person = make_person(CONSOLE)
    roles = {make_tenant(): role for role in Role}
    for tenant_id, role in roles.items():
        with tenant_context(tenant_id):
            add_member(realm=CONSOLE, person=person, role=role, origin=ORIGIN, is_accepted=True)
    found = {one.tenant_id: one.role for one in list_memberships(realm=CONSOLE, person=person)}
    assert found == roles


def test_members_of_another_tenant_are_out_of_sight(make_tenant: Callable[[], UUID]) -> None:
    ours, theirs = make_tenant(), make_tenant()
    with tenant_context(ours):
        _join(Role.OWNER)
    with tenant_context(theirs):
        assert list_members(realm=CONSOLE) == []


@pytest.mark.parametrize("role", LESS_THAN_OWNER)
def test_only_an_owner_changes_operators(tenant: UUID, role: Role) -> None:
    owner, other, person = _join(Role.OWNER), _join(role), make_person(CONSOLE)
    with pytest.raises(RoleRefusedError, match="owner"):
        add_member(realm=CONSOLE, person=person, role=Role.VIEWER, origin=_as(other))
    with pytest.raises(RoleRefusedError):
        change_role(realm=CONSOLE, person_id=owner.id, role=Role.VIEWER, origin=_as(other))
    with pytest.raises(RoleRefusedError):
        change_role(realm=CONSOLE, person_id=other.id, role=Role.OWNER, origin=_as(other))
    with pytest.raises(RoleRefusedError):
        remove_member(realm=CONSOLE, person_id=owner.id, origin=_as(other))
    with pytest.raises(RoleRefusedError):
        change_factor_policy(realm=CONSOLE, is_needed=True, origin=_as(other))
    add_member(realm=CONSOLE, person=person, role=Role.VIEWER, origin=_as(owner))


def test_admin_of_the_console_invites_customers_and_a_viewer_does_not(tenant: UUID) -> None:
    admin, viewer, customer = _join(Role.ADMIN), _join(Role.VIEWER), make_person(PORTAL)
    with pytest.raises(RoleRefusedError):
        add_member(realm=PORTAL, person=customer, role=Role.OWNER, origin=_as(viewer))
    add_member(realm=PORTAL, person=customer, role=Role.OWNER, origin=_as(admin))


def test_customer_cannot_change_operators(tenant: UUID) -> None:
    customer, operator = _join(Role.OWNER, realm=PORTAL), make_person(CONSOLE)
    with pytest.raises(RoleRefusedError):
        add_member(realm=CONSOLE, person=operator, role=Role.OWNER, origin=_as(customer, PORTAL))
    assert list_members(realm=CONSOLE) == []
    assert list_members(realm=PORTAL)[0].person == customer


def test_role_of_another_tenant_counts_for_nothing_here(make_tenant: Callable[[], UUID]) -> None:
    ours, theirs = make_tenant(), make_tenant()
    with tenant_context(theirs):
        stranger = _join(Role.OWNER)
    with tenant_context(ours), pytest.raises(RoleRefusedError):
        change_factor_policy(realm=CONSOLE, is_needed=True, origin=_as(stranger))


def test_invitation_that_waits_gives_no_rights(tenant: UUID) -> None:
    person = make_person(CONSOLE)
    add_member(realm=CONSOLE, person=person, role=Role.OWNER, origin=ORIGIN)
    with pytest.raises(RoleRefusedError):
        change_factor_policy(realm=CONSOLE, is_needed=True, origin=_as(person))
    with pytest.raises(RoleRefusedError):
        enter_tenant(realm=CONSOLE, session=make_session(CONSOLE), person=person, origin=ORIGIN)
    accept_membership(realm=CONSOLE, person=person, origin=ORIGIN)
    change_factor_policy(realm=CONSOLE, is_needed=True, origin=_as(person))


def test_last_owner_stays(tenant: UUID) -> None:
    owner = _join(Role.OWNER)
    invited = make_person(CONSOLE)
    add_member(realm=CONSOLE, person=invited, role=Role.OWNER, origin=ORIGIN)
    with pytest.raises(LastOwnerError):
        change_role(realm=CONSOLE, person_id=owner.id, role=Role.ADMIN, origin=ORIGIN)
    with pytest.raises(LastOwnerError):
        remove_member(realm=CONSOLE, person_id=owner.id, origin=_as(owner))
    accept_membership(realm=CONSOLE, person=invited, origin=ORIGIN)
    remove_member(realm=CONSOLE, person_id=owner.id, origin=_as(owner))


def test_whoever_is_not_signed_in_may_do_nothing_that_asks_for_a_role(tenant: UUID) -> None:
    with pytest.raises(RoleRefusedError, match="Sign in"):
        change_factor_policy(realm=CONSOLE, is_needed=True, origin=origin_of(CONSOLE))


def test_everybody_may_leave(tenant: UUID) -> None:
    _join(Role.OWNER)
    viewer = _join(Role.VIEWER)
    remove_member(realm=CONSOLE, person_id=viewer.id, origin=_as(viewer))
    with pytest.raises(UnknownPersonError):
        remove_member(realm=CONSOLE, person_id=viewer.id, origin=ORIGIN)


def test_policy_of_any_tenant_asks_its_people_for_a_factor(tenant: UUID) -> None:
    operator, customer = _join(Role.OWNER), _join(Role.OWNER, realm=PORTAL)
    assert decide_step(realm=CONSOLE, person=operator) == Step.DONE
    change_factor_policy(realm=CONSOLE, is_needed=True, origin=ORIGIN)
    assert has_factor_policy(realm=CONSOLE)
    assert decide_step(realm=CONSOLE, person=operator) == Step.ENROLL
    assert decide_step(realm=PORTAL, person=customer) == Step.DONE


def test_acts_on_members_are_events_of_the_tenant(tenant: UUID) -> None:
    _join(Role.OWNER)
    person = make_person(CONSOLE)
    add_member(realm=CONSOLE, person=person, role=Role.VIEWER, origin=system_origin("test"))
    accept_membership(realm=CONSOLE, person=person, origin=system_origin("test"))
    change_role(realm=CONSOLE, person_id=person.id, role=Role.ADMIN, origin=system_origin("test"))
    remove_member(realm=CONSOLE, person_id=person.id, origin=system_origin("test"))
    change_factor_policy(realm=CONSOLE, is_needed=True, origin=system_origin("test"))
    actions = [event.action for event in list_events(newest=5)]
    assert actions == [
        *(Action.MEMBER_ADDED, Action.MEMBER_JOINED, Action.MEMBER_CHANGED),
        *(Action.MEMBER_REMOVED, Action.TENANT_POLICY_CHANGED),
    ]


def test_app_role_reads_nothing_of_administrators(database: None) -> None:
    for table in ("tenants_platform_admin", "tenants_admin_session", "tenants_admin_link", "django_admin_log"):
        with pytest.raises(DatabaseError, match="permission denied"), connections["default"].cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
