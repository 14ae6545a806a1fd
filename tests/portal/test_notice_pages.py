"""What a person is told: one table for e-mails and webhooks, and their own choice of what is optional."""

from typing import Any

import pytest
from django.test import Client

from audit.notices import NOTICES, WEBHOOK_ACTIONS, Audience, Kind
from audit.queries import list_events_of
from labsninja.env import PROJECT_ROOT
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context
from tenants.realms import ADMIN, CONSOLE, PORTAL, REALMS, Realm
from tenants.services.accounts.scopes import open_account_scope
from tenants.services.notifications import Message, list_choices, queue_message
from tests.portal.signing_in import open_session
from tests.tenants.people import make_person, origin_of

pytestmark = pytest.mark.usefixtures("database")
EACH = pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _queue(realm: Realm, person: Any, kind: Kind, key: str) -> int:
    with open_account_scope(realm=realm, origin=origin_of(realm), reason="test"):
        queue_message(realm=realm, message=Message(kind, person.email, key, person))
        return int(realm.notification.objects.filter(dedupe_key=key).count())


def test_every_notice_is_told_in_some_way_and_each_event_by_one() -> None:
    assert NOTICES.keys() == set(Kind)
    assert all(notice.goes_by_email or notice.goes_by_webhook for notice in NOTICES.values())
    actions = [notice.action for notice in NOTICES.values() if notice.action]
    assert len(actions) == len(set(actions)) == len(WEBHOOK_ACTIONS)
    assert not any(notice.is_optional for notice in NOTICES.values() if notice.audience is Audience.NOBODY)


def test_what_goes_by_email_has_its_texts_and_nothing_else_has() -> None:
    told = {path.stem for path in (PROJECT_ROOT / "templates/mail").glob("*.txt")}
    assert told == {kind.value for kind, notice in NOTICES.items() if notice.goes_by_email}


@EACH
def test_person_chooses_the_optional_emails_in_one_event(client: Client, realm: Realm) -> None:
    person = make_person(realm)
    open_session(client, realm, person)
    address = f"{realm.prefix}account/notices"
    page = _text(client.get(address))
    assert "You signed in from a new place." in page
    assert ("A token expires" in page) is (realm == CONSOLE)
    assert client.post(address, {"wanted": ["password_changed", "nonsense"]}, follow=True).status_code == 200
    assert set(list_choices(realm=realm, person=person).values()) == {False}
    assert _queue(realm, person, Kind.NEW_DEVICE, f"device:{person.id}") == 0
    assert _queue(realm, person, Kind.PASSWORD_CHANGED, f"password:{person.id}") == 1  # nobody can say no to it
    client.post(address, {"wanted": "new_device"})
    client.post(address, {"wanted": "new_device"})
    assert list_choices(realm=realm, person=person)[Kind.NEW_DEVICE] is True
    assert _queue(realm, person, Kind.NEW_DEVICE, f"device:{person.id}") == 1
    with tenant_context(DEPLOYMENT_TENANT_ID):
        told = [event for event in list_events_of(target_id=person.id) if event.action == "accounts.notices.chosen"]
    assert len(told) == 2
    assert '"path":"new_device"' in told[1].canonical
    assert '"after":true' in told[1].canonical


@EACH
def test_signed_out_everywhere_is_here_too(client: Client, realm: Realm) -> None:
    person, other = make_person(realm), Client()
    for browser in (client, other):
        open_session(browser, realm, person)
    answer = client.post(f"{realm.prefix}account/sessions/end-all", follow=True)
    assert "You are signed out everywhere." in _text(answer)
    for browser in (client, other):
        assert browser.get(f"{realm.prefix}account").status_code == 302


def test_administrators_and_customers_are_not_told_of_webhooks(client: Client) -> None:
    for realm in (ADMIN, PORTAL):
        open_session(client, realm, make_person(realm))
        assert "Webhook" not in _text(client.get(f"{realm.prefix}account/notices"))
