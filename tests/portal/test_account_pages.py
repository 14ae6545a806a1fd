"""The pages of an account, as the person in front of them uses them, without script."""

import re
from typing import Any
from uuid import UUID

import pyotp
import pytest
from django.contrib.messages import get_messages
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import Role
from tenants.realms import ADMIN, CONSOLE, PORTAL, REALMS, Realm
from tenants.services.accounts.links import Purpose, create_link
from tenants.services.accounts.memberships import add_member, list_members
from tenants.services.accounts.passwords import matches_password
from tenants.services.accounts.sign_in_policy import change_factor_policy
from tests.portal.signing_in import make_member, open_session, sign_in_by_password
from tests.tenants.people import PASSWORD, make_person, origin_of

pytestmark = pytest.mark.usefixtures("database")
EACH = pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))
NEW = "a brand new password"


@pytest.fixture
def tenant_id(make_tenant: Any) -> UUID:
    made: UUID = make_tenant()
    return made


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _expire_step_up(realm: Realm, person: Any) -> None:
    realm.session.objects.filter(person_id=person.id).update(stepped_up_at=None)


def test_operator_of_one_tenant_comes_straight_to_it(client: Client, tenant_id: UUID) -> None:
    person = make_member(CONSOLE, tenant_id)
    assert sign_in_by_password(client, CONSOLE, person).headers["Location"] == "/console/"
    page = client.get("/console/", follow=True)
    assert "You are owner" in _text(page)


def test_operator_of_two_tenants_chooses_and_switches(client: Client, make_tenant: Any) -> None:
    one, two = make_tenant(), make_tenant()
    person = make_member(CONSOLE, one, Role.VIEWER)
    open_session(client, CONSOLE, person)
    client.get("/console/", follow=True)  # one alone: nobody is asked
    with tenant_context(two):
        add_member(realm=CONSOLE, person=person, role=Role.OWNER, origin=system_origin("test"), is_accepted=True)
    assert _text(client.get("/console/tenants")).count("<h2") == 2
    client.post("/console/tenants", {"tenant": str(two)})
    assert "You are owner" in _text(client.get("/console/"))


def test_tenant_that_one_does_not_belong_to_cannot_be_chosen(client: Client, make_tenant: Any) -> None:
    own, foreign = make_tenant(), make_tenant()
    open_session(client, CONSOLE, make_member(CONSOLE, own))
    answer = client.post("/console/tenants", {"tenant": str(foreign)})
    assert answer.status_code == 200
    assert str(foreign) not in _text(answer)


def test_member_who_was_removed_sees_nothing_more(client: Client, tenant_id: UUID) -> None:
    person = make_member(CONSOLE, tenant_id)
    open_session(client, CONSOLE, person)
    assert client.get("/console/", follow=True).status_code == 200
    with tenant_context(tenant_id), tenant_scope():
        CONSOLE.membership.objects.filter(person_id=person.id).delete()
    assert "You belong to no organization" in _text(client.get("/console/", follow=True))


def test_administrator_sets_up_an_app_before_anything_opens(client: Client) -> None:
    person = make_person(ADMIN)
    assert sign_in_by_password(client, ADMIN, person).headers["Location"] == "/admin/sign-in/enroll"
    assert client.get("/admin/").headers["Location"].startswith("/admin/sign-in")
    assert client.get("/admin/account").headers["Location"].startswith("/admin/sign-in")
    page = _text(client.get("/admin/account/app"))
    key = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert key
    assert "<svg" in page
    secret = key.group(1).replace(" ", "")
    assert "not the code" in _text(client.post("/admin/account/app", {"code": "000000"}))
    assert client.post("/admin/account/app", {"code": pyotp.TOTP(secret).now()}).status_code == 302
    page = _text(client.get("/admin/account"))
    assert f"{person.email} added an authenticator app" in page
    codes = _text(client.post("/admin/account/recovery-codes"))
    assert len(re.findall(r"\b[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}\b", codes)) == 10
    assert "shown once" not in _text(client.get("/admin/account/recovery-codes"))


def test_password_alone_opens_no_page_to_add_a_factor_when_there_is_one(client: Client) -> None:
    """Whoever stole the password must not add a factor of their own instead of showing the owner's."""
    person = make_person(ADMIN)
    session = Client()
    open_session(session, ADMIN, person)
    page = _text(session.get("/admin/account/app"))
    key = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert key
    session.post("/admin/account/app", {"code": pyotp.TOTP(key.group(1).replace(" ", "")).now()})
    assert sign_in_by_password(client, ADMIN, person).headers["Location"] == "/admin/sign-in/factor"
    for path in ("app", "passkeys/add"):
        assert client.get(f"/admin/account/{path}").headers["Location"] == "/admin/sign-in/factor"
    assert client.get("/admin/account/recovery-codes").headers["Location"].startswith("/admin/sign-in")


@EACH
@pytest.mark.parametrize("path", ["password", "email", "app", "passkeys/add", "recovery-codes"])
def test_what_is_dangerous_asks_again_after_five_minutes(client: Client, realm: Realm, path: str) -> None:
    person = make_person(realm)
    open_session(client, realm, person)
    address = f"{realm.prefix}account/{path}"
    assert client.get(address).status_code == 200
    _expire_step_up(realm, person)
    answer = client.get(address)
    assert answer.headers["Location"].startswith(f"{realm.prefix}confirm?next=")
    confirmed = client.post(answer.headers["Location"], {"answer": PASSWORD, "next": address})
    assert confirmed.headers["Location"] == address
    assert client.get(address).status_code == 200


def test_step_up_with_the_wrong_password_is_told_beside_the_field(client: Client) -> None:
    person = make_person(CONSOLE)
    open_session(client, CONSOLE, person)
    answer = client.post("/console/confirm", {"answer": "another password"})
    assert (answer.status_code, "The password is wrong." in _text(answer)) == (422, True)


@EACH
def test_password_is_changed_and_its_rules_are_told(client: Client, realm: Realm) -> None:
    person = make_person(realm)
    open_session(client, realm, person)
    short = client.post(f"{realm.prefix}account/password", {"password": "short"})
    assert (short.status_code, "at least 12 characters" in _text(short)) == (422, True)
    assert client.post(f"{realm.prefix}account/password", {"password": NEW}).status_code == 302
    person.refresh_from_db()
    assert matches_password(person=person, password=NEW)


@EACH
def test_account_page_shows_sessions_factors_and_what_happened(client: Client, realm: Realm) -> None:
    person = make_person(realm)
    open_session(client, realm, person)
    page = _text(client.get(f"{realm.prefix}account"))
    assert "Firefox on Linux" in page
    assert "this one" in page
    assert "signed in by test" in page
    assert person.email in page


@EACH
def test_session_elsewhere_is_ended_from_here(client: Client, realm: Realm) -> None:
    person, other = make_person(realm), Client()
    open_session(client, realm, person)
    open_session(other, realm, person)
    client.post(f"{realm.prefix}account/sessions/end")
    assert other.get(f"{realm.prefix}account").status_code == 302
    assert client.get(f"{realm.prefix}account").status_code == 200


@EACH
def test_too_many_attempts_are_told_with_how_long_to_wait(client: Client, realm: Realm) -> None:
    person = make_person(realm)
    given = {"email": person.email, "password": "another password"}
    answers = [client.post(f"{realm.prefix}sign-in", given, REMOTE_ADDR="192.0.2.77") for _ in range(7)]
    assert answers[0].status_code == 422
    assert answers[-1].status_code == 429
    assert re.search(r"Try again in \d+ seconds", _text(answers[-1]))


@EACH
def test_forgotten_password_is_answered_alike_for_everybody(client: Client, realm: Realm) -> None:
    known = client.post(f"{realm.prefix}forgot", {"email": make_person(realm).email})
    unknown = client.post(f"{realm.prefix}forgot", {"email": "nobody@example.test"})
    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content


@EACH
def test_following_a_link_changes_nothing_until_the_button_is_pressed(client: Client, realm: Realm) -> None:
    person = make_person(realm)
    token = create_link(realm=realm, purpose=Purpose.RESET, person=person, origin=origin_of(realm))
    address = f"{realm.prefix}reset/{token}"
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200
    assert "at least 12" in _text(client.post(address, {"password": "short"}))
    assert client.post(address, {"password": NEW}).headers["Location"] == f"{realm.prefix}sign-in"
    assert client.get(address).status_code == 404
    assert sign_in_by_password(client, realm, person, NEW).status_code == 302


@EACH
@pytest.mark.parametrize("path", ["reset", "invitation", "email", "unsubscribe"])
def test_link_that_is_no_link_is_a_page_that_says_so(client: Client, realm: Realm, path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)(f"{realm.prefix}{path}/nonsense", {"password": NEW})
        assert answer.status_code == 404
        assert "This link does not work" in _text(answer)


def test_owner_invites_changes_and_removes_members(client: Client, tenant_id: UUID) -> None:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id))
    client.get("/console/", follow=True)
    given = {"email": "colleague.of@example.test", "name": "Colleague", "role": "viewer"}
    page = _text(client.post("/console/members", given, follow=True))
    assert "gets an e-mail" in page
    assert "invited" in page
    with tenant_context(tenant_id):
        member = next(one for one in list_members(realm=CONSOLE) if one.person.email == given["email"])
    client.post(f"/console/members/{member.person_id}/role", {"role": "admin"})
    with tenant_context(tenant_id):
        assert [one.role for one in list_members(realm=CONSOLE) if one.id == member.id] == ["admin"]
    client.post(f"/console/members/{member.person_id}/remove")
    with tenant_context(tenant_id):
        assert member.id not in [one.id for one in list_members(realm=CONSOLE)]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
def test_role_that_is_missing_is_told_and_nothing_changes(client: Client, tenant_id: UUID, role: Role) -> None:
    owner = make_member(CONSOLE, tenant_id)
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    given = {"email": "somebody@example.test", "name": "Somebody", "role": "owner"}
    invited = client.post("/console/members", given)
    assert (invited.status_code, "This needs the role owner" in _text(invited)) == (403, True)
    for act in ("role", "remove"):
        answer = client.post(f"/console/members/{owner.id}/{act}", {"role": "viewer"}, follow=True)
        assert "This needs the role owner" in _text(answer)
    answer = client.post("/console/members/policy", {"needs_factor": "on"}, follow=True)
    assert "This needs the role owner" in _text(answer)
    with tenant_context(tenant_id):
        assert [(one.person_id, one.role) for one in list_members(realm=CONSOLE) if one.role == "owner"] == [
            (owner.id, "owner")
        ]


def test_policy_sends_whoever_has_no_factor_to_set_one_up(client: Client, tenant_id: UUID) -> None:
    person = make_member(PORTAL, tenant_id)
    open_session(client, PORTAL, person)
    assert client.get("/portal/", follow=True).status_code == 200
    with tenant_context(tenant_id):
        change_factor_policy(realm=PORTAL, is_needed=True, origin=system_origin("test"))
    answer = client.get("/portal/")
    assert answer.headers["Location"] == "/portal/account"
    assert "set one up to go on" in str([str(message) for message in get_messages(answer.wsgi_request)])
    assert sign_in_by_password(Client(), PORTAL, person).headers["Location"] == "/portal/sign-in/enroll"


def test_fragment_behind_a_sign_in_becomes_a_page_and_no_fragment(client: Client) -> None:
    answer = client.get("/console/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/console/sign-in")
