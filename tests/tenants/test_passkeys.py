"""Passkeys: what an authenticator signs opens the account it belongs to, on the site it was made for, no other."""

from typing import Any

import pytest

from audit.actors import system_origin
from tenants.models import Role
from tenants.realms import CONSOLE, PORTAL, Realm
from tenants.services.accounts.factors import LastFactorError, add_key, remove_key
from tenants.services.accounts.memberships import add_member
from tenants.services.accounts.passkeys import (
    PasskeyRefusedError,
    Site,
    list_passkeys,
    open_assertion,
    open_registration,
)
from tenants.services.accounts.sign_in import Step, authenticate_again_by_passkey, authenticate_by_passkey, decide_step
from tenants.services.accounts.sign_in_policy import change_factor_policy
from tests.tenants.authenticator import PRESENT, Authenticator
from tests.tenants.people import make_person, make_session, origin_of

pytestmark = pytest.mark.usefixtures("database")
SITE = Site("console.example.test", "https://console.example.test")


def _register(realm: Realm, person: Any, **changes: Any) -> Authenticator:
    authenticator = Authenticator(SITE.rp_id, SITE.origin, **changes)
    challenge, _ = open_registration(realm=realm, person=person, site=SITE)
    add_key(
        realm=realm,
        person=person,
        name="blue key",
        answer=authenticator.create(challenge),
        challenge=challenge,
        site=SITE,
        origin=origin_of(realm, person),
    )
    return authenticator


def _sign_in(realm: Realm, answer: str, challenge: str, site: Site = SITE) -> Any:
    session = make_session(realm)
    origin = origin_of(realm)
    authenticate_by_passkey(session=session, answer=answer, challenge=challenge, site=site, origin=origin)
    return session


def test_passkey_signs_in_as_its_person_with_both_factors() -> None:
    person = make_person(CONSOLE)
    authenticator = _register(CONSOLE, person)
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    session = _sign_in(CONSOLE, authenticator.get(challenge), challenge)
    assert session.row.person_id == person.id
    assert session.row.confirmed_at is not None
    assert list_passkeys(realm=CONSOLE, person=person)[0].sign_count == 1


def test_whoever_has_a_passkey_is_asked_for_it_after_the_password() -> None:
    person = make_person(CONSOLE)
    _register(CONSOLE, person)
    assert decide_step(realm=CONSOLE, person=person) == Step.FACTOR


def test_answer_to_another_challenge_is_refused() -> None:
    authenticator = _register(CONSOLE, make_person(CONSOLE))
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    other, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, authenticator.get(challenge), other)


def test_passkey_of_one_realm_opens_nothing_in_another() -> None:
    authenticator = _register(CONSOLE, make_person(CONSOLE))
    challenge, _ = open_assertion(realm=PORTAL, person=None, site=SITE)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(PORTAL, authenticator.get(challenge), challenge)


def test_answer_from_another_site_is_refused() -> None:
    authenticator = _register(CONSOLE, make_person(CONSOLE))
    authenticator.origin = "https://console.example.evil"
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, authenticator.get(challenge), challenge)


def test_answer_without_user_verification_is_refused() -> None:
    authenticator = _register(CONSOLE, make_person(CONSOLE))
    authenticator.flags = PRESENT
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, authenticator.get(challenge), challenge)


def test_count_that_does_not_grow_is_a_copy_and_is_refused() -> None:
    authenticator = _register(CONSOLE, make_person(CONSOLE))
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    answer = authenticator.get(challenge)
    _sign_in(CONSOLE, answer, challenge)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, answer, challenge)


@pytest.mark.parametrize("answer", ["", "{}", "null", "[]", '{"id": 1}', "\u0000"])
def test_answer_that_is_none_is_refused(answer: str) -> None:
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, answer, challenge)


def test_empty_challenge_is_refused() -> None:
    authenticator = _register(CONSOLE, make_person(CONSOLE))
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, authenticator.get(""), "")


def test_passkey_of_somebody_else_is_no_step_up() -> None:
    person, other = make_person(CONSOLE), make_person(CONSOLE)
    mine, theirs = _register(CONSOLE, person), _register(CONSOLE, other)
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    session = _sign_in(CONSOLE, mine.get(challenge), challenge)
    given: dict[str, Any] = {"session": session, "challenge": challenge, "site": SITE}
    with pytest.raises(PasskeyRefusedError):
        authenticate_again_by_passkey(answer=theirs.get(challenge), origin=origin_of(CONSOLE, person), **given)
    authenticate_again_by_passkey(answer=mine.get(challenge), origin=origin_of(CONSOLE, person), **given)


def test_passkey_of_a_disabled_person_is_refused() -> None:
    person = make_person(CONSOLE)
    authenticator = _register(CONSOLE, person)
    CONSOLE.person.objects.filter(id=person.id).update(is_active=False)
    challenge, _ = open_assertion(realm=CONSOLE, person=None, site=SITE)
    with pytest.raises(PasskeyRefusedError):
        _sign_in(CONSOLE, authenticator.get(challenge), challenge)


def test_last_factor_stays_where_one_is_needed(tenant: Any) -> None:
    person = make_person(CONSOLE)
    _register(CONSOLE, person)
    passkey = list_passkeys(realm=CONSOLE, person=person)[0]
    origin = system_origin("test")
    add_member(realm=CONSOLE, person=person, role=Role.OWNER, origin=origin, is_accepted=True)
    change_factor_policy(realm=CONSOLE, is_needed=True, origin=origin)
    with pytest.raises(LastFactorError):
        remove_key(realm=CONSOLE, person=person, passkey_id=passkey.id, origin=origin)
    change_factor_policy(realm=CONSOLE, is_needed=False, origin=origin)
    remove_key(realm=CONSOLE, person=person, passkey_id=passkey.id, origin=origin)
    assert list_passkeys(realm=CONSOLE, person=person) == []
