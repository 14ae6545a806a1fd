"""Signed-in browsers for tests: the pages' own way where that is tested, a confirmed session where it is not."""

from typing import Any

from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.realms import Realm
from tenants.services.accounts.memberships import add_member
from tenants.services.accounts.sessions import begin_session
from tests.tenants.people import PASSWORD, make_person, make_session, origin_of


def open_session(client: Client, realm: Realm, person: Any) -> None:
    """Give the browser a session in which the person has shown every factor, just now."""
    session = make_session(realm)
    begin_session(session=session, person=person, factor="test", is_complete=True, origin=origin_of(realm, person))
    client.cookies[realm.cookie] = session.session_key or ""


def sign_in_by_password(client: Client, realm: Realm, person: Any, password: str = PASSWORD) -> Any:
    """Through the page; gives the answer."""
    return client.post(f"{realm.prefix}sign-in", {"email": person.email, "password": password})


def make_member(realm: Realm, tenant_id: Any, role: Role = Role.OWNER) -> Any:
    """Somebody new who belongs to the tenant."""
    person = make_person(realm)
    with tenant_context(tenant_id):
        add_member(realm=realm, person=person, role=role, origin=system_origin("test"), is_accepted=True)
    return person
