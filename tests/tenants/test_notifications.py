"""E-mail: queued with what it tells of, sent at least once. Links are made then, are good once and not for long."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import connections
from django.test import override_settings

from audit.actors import system_origin
from audit.notices import NOTICES, Kind
from tenants.models import Role
from tenants.realms import ADMIN, CONSOLE, PORTAL, REALMS, Realm
from tenants.services.accounts.invitations import (
    accept_invitation,
    confirm_email,
    invite_administrator,
    invite_member,
    request_email,
    request_reset,
    reset_password,
)
from tenants.services.accounts.links import LASTS, LinkRefusedError, Purpose, create_link, find_link
from tenants.services.accounts.memberships import list_members
from tenants.services.accounts.passwords import matches_password
from tenants.services.accounts.people import PersonRefusedError
from tenants.services.accounts.scopes import open_account_scope
from tenants.services.accounts.sign_in import authenticate_by_password
from tenants.services.notifications import (
    ATTEMPTS,
    Message,
    UnknownSubscriptionError,
    make_notice,
    mute_kind,
    queue_message,
    send_due_messages,
)
from tests.tenants.people import PASSWORD, make_person, make_session, origin_of

pytestmark = pytest.mark.usefixtures("database")
EACH_REALM = pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
NEW = "a brand new password"


@pytest.fixture(autouse=True)
def outbox(database: None) -> Any:
    """What is sent while the test runs; nothing waits from another test."""
    for realm in REALMS.values():
        with connections["platform"].cursor() as cursor:
            cursor.execute(f"DELETE FROM {realm.notification._meta.db_table}")
    with override_settings(EMAIL_BACKEND=LOCMEM):
        mail.outbox = []
        yield mail.outbox


def _send(realm: Realm = CONSOLE, *, later: float = 1) -> int:
    origin = origin_of(realm, later=later)
    return send_due_messages(now=origin.at, origin=origin)


def _token(text: str) -> str:
    found = re.search(r"/(?:invitation|reset|email|unsubscribe)/(\S+)", text)
    assert found
    return found.group(1)


def _queue(realm: Realm, message: Message) -> None:
    with open_account_scope(realm=realm, origin=origin_of(realm), reason="test"):
        queue_message(realm=realm, message=message)


@EACH_REALM
def test_reset_goes_by_e_mail_and_the_link_is_good_once(realm: Realm, outbox: list[Any]) -> None:
    person = make_person(realm)
    request_reset(realm=realm, email=person.email.upper(), origin=origin_of(realm))
    assert _send(realm) == 1
    assert outbox[0].to == [person.email]
    token = _token(outbox[0].body)
    assert f"{realm.prefix}reset/" in outbox[0].body
    reset_password(realm=realm, token=token, password=NEW, origin=origin_of(realm))
    person.refresh_from_db()
    assert matches_password(person=person, password=NEW)
    with pytest.raises(LinkRefusedError):
        reset_password(realm=realm, token=token, password=NEW, origin=origin_of(realm))


def test_reset_for_nobody_does_the_same_and_sends_nothing(outbox: list[Any]) -> None:
    request_reset(realm=CONSOLE, email="nobody@example.test", origin=origin_of(CONSOLE))
    assert CONSOLE.notification.objects.count() == 1
    assert _send() == 0
    assert CONSOLE.notification.objects.count() == 0
    assert outbox == []


def test_many_requests_for_a_reset_are_one_e_mail(outbox: list[Any]) -> None:
    person = make_person(CONSOLE)
    for number in range(4):
        request_reset(realm=CONSOLE, email=person.email, origin=origin_of(CONSOLE, address=f"203.0.113.{number}"))
    _send()
    assert len(outbox) in {1, 2}  # two when five minutes ended in between


@EACH_REALM
def test_link_of_one_realm_or_purpose_is_worthless_in_another(realm: Realm) -> None:
    person, origin = make_person(realm), origin_of(realm)
    now = origin.at
    token = create_link(realm=realm, purpose=Purpose.RESET, person=person, origin=origin)
    assert find_link(realm=realm, purpose=Purpose.RESET, token=token, now=now).person == person
    for other in REALMS.values():
        for purpose in Purpose:
            if (other, purpose) != (realm, Purpose.RESET):
                with pytest.raises(LinkRefusedError):
                    find_link(realm=other, purpose=purpose, token=token, now=now)


@pytest.mark.parametrize("purpose", Purpose)
def test_link_ends_in_time(purpose: Purpose) -> None:
    person, origin = make_person(CONSOLE), origin_of(CONSOLE)
    now = origin.at
    token = create_link(realm=CONSOLE, purpose=purpose, person=person, origin=origin)
    almost = now + LASTS[purpose] - timedelta(seconds=1)
    assert find_link(realm=CONSOLE, purpose=purpose, token=token, now=almost)
    with pytest.raises(LinkRefusedError):
        find_link(realm=CONSOLE, purpose=purpose, token=token, now=now + LASTS[purpose])


def test_reset_ends_every_session_and_tells_the_person(outbox: list[Any]) -> None:
    person, origin = make_person(CONSOLE), origin_of(CONSOLE)
    now = origin.at
    given = {"email": person.email, "password": PASSWORD}
    authenticate_by_password(session=make_session(CONSOLE), origin=origin, **given)
    token = create_link(realm=CONSOLE, purpose=Purpose.RESET, person=person, origin=origin)
    other = create_link(realm=CONSOLE, purpose=Purpose.RESET, person=person, origin=origin)
    reset_password(realm=CONSOLE, token=token, password=NEW, origin=origin_of(CONSOLE))
    with pytest.raises(LinkRefusedError):  # what was sent before the password changed
        find_link(realm=CONSOLE, purpose=Purpose.RESET, token=other, now=now)
    assert not CONSOLE.session.objects.filter(person_id=person.id).exists()
    _send()
    assert [message.subject for message in outbox] == ["Your password was changed"]


def test_invited_newcomer_chooses_name_and_password_and_is_a_member(tenant: UUID, outbox: list[Any]) -> None:
    email = "new.comer@example.test"
    CONSOLE.person.objects.filter(email=email).delete()
    invite_member(realm=CONSOLE, email=email, name="N", role=Role.ADMIN, origin=system_origin("test"))
    assert _send() == 1
    assert list_members(realm=CONSOLE)[0].accepted_at is None
    given: Any = {"realm": CONSOLE, "token": _token(outbox[0].body), "origin": origin_of(CONSOLE)}
    with pytest.raises(PersonRefusedError):
        accept_invitation(name="", password=NEW, **given)
    person = accept_invitation(name="Newcomer", password=NEW, **given)
    assert (person.name, list_members(realm=CONSOLE)[0].role) == ("Newcomer", Role.ADMIN)
    assert list_members(realm=CONSOLE)[0].accepted_at is not None


def test_invitation_cannot_take_over_an_account_that_exists(tenant: UUID, outbox: list[Any]) -> None:
    person = make_person(PORTAL)
    invite_member(realm=PORTAL, email=person.email, name="Mallory", role=Role.VIEWER, origin=system_origin("test"))
    _send(PORTAL)
    accept_invitation(
        realm=PORTAL, token=_token(outbox[0].body), name="Mallory", password=NEW, origin=origin_of(PORTAL)
    )
    person.refresh_from_db()
    assert person.name == "Ada"
    assert not matches_password(person=person, password=NEW)


def test_invitation_of_an_administrator_leads_to_the_admin(outbox: list[Any]) -> None:
    email = "second.admin@example.test"
    if ADMIN.person.objects.filter(email=email).exists():
        ADMIN.person.objects.filter(email=email).delete()
    invite_administrator(realm=ADMIN, email=email, name="Second", origin=system_origin("test"))
    assert _send(ADMIN) == 1
    assert "/admin/invitation/" in outbox[0].body
    person = accept_invitation(
        realm=ADMIN, token=_token(outbox[0].body), name="Second", password=NEW, origin=origin_of(ADMIN)
    )
    assert person.email == email


def test_new_address_counts_once_its_owner_followed_the_link(outbox: list[Any]) -> None:
    person, address = make_person(CONSOLE), f"new.{make_person(CONSOLE).id}@example.test"
    before = person.email
    request_email(realm=CONSOLE, person=person, email=address, origin=origin_of(CONSOLE, person))
    _send()
    assert outbox[0].to == [address]
    person.refresh_from_db()
    assert person.email == before
    confirm_email(realm=CONSOLE, token=_token(outbox[0].body), origin=origin_of(CONSOLE))
    person.refresh_from_db()
    assert person.email == address
    _send()
    assert (outbox[1].to, outbox[1].subject) == ([before], "Your e-mail address was changed")


def test_address_that_was_taken_meanwhile_is_refused(outbox: list[Any]) -> None:
    person, address = make_person(CONSOLE), f"taken.{make_person(CONSOLE).id}@example.test"
    request_email(realm=CONSOLE, person=person, email=address, origin=origin_of(CONSOLE, person))
    _send()
    make_person(CONSOLE, email=address)
    with pytest.raises(LinkRefusedError, match="another account"):
        confirm_email(realm=CONSOLE, token=_token(outbox[0].body), origin=origin_of(CONSOLE))


@pytest.mark.parametrize("kind", [kind for kind, notice in NOTICES.items() if notice.goes_to_people])
@EACH_REALM
def test_every_kind_has_texts_that_fill_in(realm: Realm, kind: Kind, outbox: list[Any]) -> None:
    person = make_person(realm)
    details = dict.fromkeys(("tenant", "role", "by", "expires", "prefix", "client", "device"), "<Thing> & Co")
    _queue(realm, Message(kind, person.email, f"{kind}:{person.id}", person, details))
    assert _send(realm) == 1
    message = outbox[0]
    html = message.alternatives[0][0]
    assert "\n" not in message.subject
    assert message.body.startswith("Hello Ada,")
    assert "{{" not in message.body + html
    assert "&lt;" not in message.body + message.subject
    assert "<Thing>" not in html


def test_message_of_one_key_is_sent_once(outbox: list[Any]) -> None:
    person = make_person(CONSOLE)
    for _ in range(3):
        _queue(CONSOLE, Message(Kind.TOKEN_EXPIRING, person.email, f"same:{person.id}", person))
    assert _send() == 1
    assert _send(later=3600) == 0
    _queue(CONSOLE, Message(Kind.TOKEN_EXPIRING, person.email, f"same:{person.id}", person))
    assert _send(later=7200) == 0


def test_mail_server_that_is_away_is_tried_again_and_not_for_ever() -> None:
    person = make_person(CONSOLE)
    _queue(CONSOLE, make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin_of(CONSOLE)))
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
    ):
        later = 1.0
        for attempt in range(1, ATTEMPTS + 3):
            assert _send(later=later) == 0
            row = CONSOLE.notification.objects.get()
            assert row.attempts == min(attempt, ATTEMPTS)
            assert "refused" in row.failure
            later += 86_400
    assert _send(later=later) == 0


def test_message_waits_while_another_process_sends_it() -> None:
    person = make_person(CONSOLE)
    _queue(CONSOLE, make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin_of(CONSOLE)))
    assert _send() == 1
    assert _send() == 0


def test_sign_in_from_a_place_not_seen_before_is_told_to_whoever_has_signed_in_before(outbox: list[Any]) -> None:
    person = make_person(CONSOLE)
    for number, expected in enumerate((0, 0, 1)):  # the first ever, the same place again, another place
        origin = origin_of(CONSOLE, address="192.0.2.1" if number < 2 else "198.51.100.9", later=number)
        given = {"email": person.email, "password": PASSWORD}
        authenticate_by_password(session=make_session(CONSOLE), origin=origin, **given)
        _send(later=5)
        assert len(outbox) == expected
    assert "198.51.100.9, Firefox on Linux" in outbox[0].body


def test_unsubscribing_stops_that_kind_alone(outbox: list[Any]) -> None:
    person = make_person(CONSOLE)
    _queue(CONSOLE, Message(Kind.TOKEN_EXPIRING, person.email, f"a:{person.id}", person))
    _send()
    assert outbox[0].extra_headers["List-Unsubscribe"]
    signed = _token(outbox[0].extra_headers["List-Unsubscribe"]).rstrip(">")
    with pytest.raises(UnknownSubscriptionError):
        mute_kind(realm=PORTAL, signed=signed, origin=origin_of(PORTAL))
    with pytest.raises(UnknownSubscriptionError):
        mute_kind(realm=CONSOLE, signed=f"{signed}x", origin=origin_of(CONSOLE))
    assert mute_kind(realm=CONSOLE, signed=signed, origin=origin_of(CONSOLE)) == Kind.TOKEN_EXPIRING
    _queue(CONSOLE, Message(Kind.TOKEN_EXPIRING, person.email, f"b:{person.id}", person))
    _queue(CONSOLE, make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin_of(CONSOLE)))
    _send()
    assert [message.subject for message in outbox[1:]] == ["A second factor of yours was changed"]


def test_e_mail_about_safety_cannot_be_unsubscribed_from(outbox: list[Any]) -> None:
    person = make_person(CONSOLE)
    _queue(CONSOLE, make_notice(kind=Kind.PASSWORD_CHANGED, person=person, origin=origin_of(CONSOLE)))
    _send()
    assert outbox[0].extra_headers == {}
