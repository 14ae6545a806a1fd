"""The team of a tenant: found, sorted and paged; invitations sent again and taken back; what a viewer may not."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.realms import CONSOLE, PORTAL, Realm
from tenants.services.accounts import member_lists
from tenants.services.accounts.invitations import invite_member
from tenants.services.accounts.links import Purpose, create_link
from tenants.services.accounts.memberships import add_member, list_members
from tests.portal.signing_in import make_member, open_session
from tests.tenants.people import make_person, origin_of

pytestmark = pytest.mark.usefixtures("database")
SYSTEM = system_origin("test")


@pytest.fixture
def owner(client: Client, tenant_id: UUID) -> Client:
    return _enter(client, tenant_id)


def _enter(client: Client, tenant_id: UUID, role: Role = Role.OWNER, realm: Realm = CONSOLE) -> Client:
    open_session(client, realm, make_member(realm, tenant_id, role))
    client.get(realm.prefix, follow=True)
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _invite(tenant_id: UUID, realm: Realm = CONSOLE) -> Any:
    email = f"{uuid4().hex}@example.test"
    with tenant_context(tenant_id):
        return invite_member(realm=realm, email=email, name="New", role=Role.VIEWER, origin=SYSTEM).person_id


def _link_of(realm: Realm, tenant_id: UUID, person_id: UUID) -> str:
    person = realm.person.objects.get(id=person_id)
    given: Any = {"realm": realm, "purpose": Purpose.INVITATION, "person": person}
    return create_link(origin=origin_of(realm, person), tenant_id=tenant_id, **given)


def _queued(realm: Realm, person_id: UUID) -> int:
    return int(realm.notification.objects.filter(person_id=person_id, kind="invitation").count())


@pytest.mark.parametrize("realm", [CONSOLE, PORTAL], ids=lambda realm: realm.name)
def test_invitation_is_sent_again(owner: Client, tenant_id: UUID, realm: Realm) -> None:
    page = "members" if realm == CONSOLE else "customers"
    person_id = _invite(tenant_id, realm)
    told = _text(owner.get(f"/console/{page}"))
    assert "Invited, and not here yet" in told
    assert "a link is good for 7 days" in told
    answer = owner.post(f"/console/{page}/{person_id}/resend", follow=True)
    assert "The invitation is sent again." in _text(answer)
    assert _queued(realm, person_id) == 2


def test_whoever_has_come_is_not_invited_again(owner: Client, tenant_id: UUID) -> None:
    member = make_member(CONSOLE, tenant_id, Role.VIEWER)
    answer = owner.post(f"/console/members/{member.id}/resend", follow=True)
    assert "There is no such invitation any more." in _text(answer)
    assert _queued(CONSOLE, member.id) == 0


def test_link_of_an_invitation_that_was_taken_back_is_dead(owner: Client, tenant_id: UUID) -> None:
    person_id = _invite(tenant_id)
    token = _link_of(CONSOLE, tenant_id, person_id)
    assert Client().get(f"/console/invitation/{token}").status_code == 200
    owner.post(f"/console/members/{person_id}/remove")
    for method in ("get", "post"):
        answer = getattr(Client(), method)(
            f"/console/invitation/{token}", {"name": "N", "password": "long enough it is"}
        )
        assert (answer.status_code, "taken back" in _text(answer)) == (404, True)
    assert not CONSOLE.person.objects.get(id=person_id).has_usable_password()


def test_team_is_searched_sorted_and_paged(owner: Client, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_lists, "PAGE_SIZE", 3)
    tag = uuid4().hex
    people = [make_person(CONSOLE) for _ in range(5)]
    with tenant_context(tenant_id):
        for number, person in enumerate(people):
            CONSOLE.person.objects.filter(id=person.id).update(name=f"{tag} {9 - number}")
            add_member(realm=CONSOLE, person=person, role=Role.VIEWER, origin=SYSTEM, is_accepted=True)

    def walk(address: str) -> list[str]:
        found, seen = [], 0
        while address and (seen := seen + 1) < 9:
            page = _text(owner.get(f"/console/members{address}"))
            found += re.findall(rf'<p class="font-medium">{tag} (\d)', page)
            ahead = re.search(r'href="(\?[^"]*from=[^"]*)">Next', page)
            address = ahead.group(1).replace("&amp;", "&") if ahead else ""
        return found

    assert walk(f"?q={tag}&sort=name") == ["5", "6", "7", "8", "9"]
    assert walk(f"?q={tag}&sort=joined") == ["9", "8", "7", "6", "5"]
    assert walk(f"?q={tag.upper()}") != []
    assert sorted(walk("?sort=role")) == ["5", "6", "7", "8", "9"]
    assert "Nobody like this" in _text(owner.get("/console/members?q=nobody-at-all"))


@pytest.mark.parametrize("query", ["sort=x", "from=x", "from=%00 01900000-0000-7000-8000-000000000001", "q=%00",
                                   "sort=joined&from=x 01900000-0000-7000-8000-000000000001"])  # fmt: skip
def test_query_that_is_none_begins_at_the_first(owner: Client, query: str) -> None:
    answer = owner.get(f"/console/members?{query}")
    assert (answer.status_code, "Ada" in _text(answer)) == (200, True)


@pytest.mark.parametrize(
    ("realm", "path", "role"),
    [(CONSOLE, "members", Role.ADMIN), (CONSOLE, "customers", Role.VIEWER), (PORTAL, "members", Role.VIEWER)],
    ids=["admin of members", "viewer of customers", "customer"],
)
def test_whoever_may_not_manage_sees_no_button(tenant_id: UUID, realm: Realm, path: str, role: Role) -> None:
    of = PORTAL if path == "customers" else realm
    person_id = _invite(tenant_id, of)
    visitor = _enter(Client(), tenant_id, role, realm)
    page = _text(visitor.get(f"{realm.prefix}{path}"))
    assert "To change it takes the role" in page
    for button in ("Send the invitation", "Send again", "Take back", "Remove<"):
        assert button not in page
    visitor.post(f"{realm.prefix}{path}/{person_id}/resend")
    assert _queued(of, person_id) == 1


def test_invitation_of_another_tenant_is_not_there(owner: Client, make_tenant: Callable[[], UUID]) -> None:
    other = make_tenant()
    person_id = _invite(other)
    for act in ("resend", "remove"):
        assert owner.post(f"/console/members/{person_id}/{act}").status_code == 404
    assert _queued(CONSOLE, person_id) == 1
    with tenant_context(other):
        assert person_id in [one.person_id for one in list_members(realm=CONSOLE)]


def test_invitation_link_without_a_tenant_needs_no_membership() -> None:
    """An administrator's."""
    person = make_person(CONSOLE)
    token = create_link(realm=CONSOLE, purpose=Purpose.INVITATION, person=person, origin=SYSTEM)
    assert Client().get(f"/console/invitation/{token}").status_code == 200
