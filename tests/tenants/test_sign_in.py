"""Signing in: what opens an account, what does not, and what is left behind; in each of the three realms."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from audit.actions import Action
from audit.models import AuditEvent
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope
from tenants.realms import ADMIN, CONSOLE, PORTAL, REALMS, Realm
from tenants.services.accounts.people import disable_person, read_email, reset_factors
from tenants.services.accounts.recovery_codes import generate_recovery_codes
from tenants.services.accounts.session_store import digest_key
from tenants.services.accounts.sessions import end_sessions, is_stepped_up, list_sessions
from tenants.services.accounts.sign_in import (
    SignInRefusedError,
    Step,
    authenticate_again,
    authenticate_by_code,
    authenticate_by_password,
)
from tenants.services.accounts.totp import WrongCodeError, add_totp, make_totp_secret
from tests.tenants.people import PASSWORD, make_person, make_session, origin_of

pytestmark = pytest.mark.usefixtures("database")
EACH_REALM = pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))


def _sign_in(realm: Realm, person: Any, *, password: str = PASSWORD, session: Any = None, later: float = 0) -> Any:
    session = session or make_session(realm)
    origin = origin_of(realm, later=later)
    return session, authenticate_by_password(session=session, email=person.email, password=password, origin=origin)


def _reload(session: Any) -> Any:
    again = make_session(session.realm, key=session.session_key)
    again.get("")
    return again


def _events(person: Any) -> list[tuple[str, str]]:
    with (
        cross_tenant(reason="look at what a sign-in left behind"),
        tenant_context(DEPLOYMENT_TENANT_ID),
        tenant_scope(),
    ):
        return list(AuditEvent.objects.filter(target_id=str(person.id)).values_list("action", "actor_kind"))


@EACH_REALM
def test_right_password_signs_in_unless_a_factor_has_to_be_set_up(realm: Realm) -> None:
    person = make_person(realm)
    session, step = _sign_in(realm, person)
    assert step == (Step.ENROLL if realm == ADMIN else Step.DONE)
    row = _reload(session).row
    assert row.person_id == person.id
    assert (row.confirmed_at is not None) == (realm != ADMIN)


@EACH_REALM
def test_wrong_password_is_refused_and_is_an_event(realm: Realm) -> None:
    person = make_person(realm)
    session = make_session(realm)
    with pytest.raises(SignInRefusedError):
        _sign_in(realm, person, password="another password", session=session)
    assert session.row is None
    assert _events(person) == [(Action.SIGN_IN_REFUSED, "anonymous")]


@pytest.mark.parametrize("realm", [CONSOLE, PORTAL], ids=str)
def test_sign_in_is_an_event_that_names_who_came(realm: Realm) -> None:
    person = make_person(realm)
    _sign_in(realm, person)
    assert _events(person) == [(Action.SESSION_STARTED, realm.actor)]


@EACH_REALM
def test_person_of_one_realm_is_nobody_in_another(realm: Realm) -> None:
    person = make_person(realm)
    for other in REALMS.values():
        if other != realm:
            with pytest.raises(SignInRefusedError):
                _sign_in(other, person)


def test_disabled_person_is_refused_and_sessions_end() -> None:
    person = make_person(CONSOLE)
    session, _ = _sign_in(CONSOLE, person)
    disable_person(realm=CONSOLE, person=person, origin=origin_of(CONSOLE))
    assert _reload(session).row is None
    with pytest.raises(SignInRefusedError):
        _sign_in(CONSOLE, person)


def test_key_of_the_session_changes_when_somebody_signs_in() -> None:
    session = make_session(CONSOLE)
    session["seen"] = "before"
    session.save()
    before = session.session_key
    _sign_in(CONSOLE, make_person(CONSOLE), session=session)
    assert session.session_key != before
    assert _reload(session)["seen"] == "before"
    assert make_session(CONSOLE, key=before).get("seen") is None


def test_table_holds_the_digest_of_the_key_alone() -> None:
    session, _ = _sign_in(CONSOLE, make_person(CONSOLE))
    row = _reload(session).row
    assert bytes(row.digest) == digest_key(key=session.session_key)
    assert session.session_key not in row.data


@EACH_REALM
def test_session_key_of_one_realm_opens_nothing_in_another(realm: Realm) -> None:
    session, _ = _sign_in(realm, make_person(realm))
    for other in REALMS.values():
        again = make_session(other, key=session.session_key)
        assert again.get("anything") is None
        assert (again.row is None) == (other != realm)


def test_data_of_a_session_does_not_decode_in_another_realm() -> None:
    encoded = make_session(CONSOLE).encode({"a": 1})
    assert make_session(CONSOLE).decode(encoded) == {"a": 1}
    assert make_session(PORTAL).decode(encoded) == {}


def test_idle_session_ends() -> None:
    session, _ = _sign_in(CONSOLE, make_person(CONSOLE))
    old = origin_of(CONSOLE).at - CONSOLE.idle
    CONSOLE.session.objects.filter(id=session.row.id).update(seen_at=old)
    assert _reload(session).row is None


def test_session_ends_absolutely_however_busy_it_is() -> None:
    session, _ = _sign_in(CONSOLE, make_person(CONSOLE))
    CONSOLE.session.objects.filter(id=session.row.id).update(expires_at=origin_of(CONSOLE).at)
    assert _reload(session).row is None


def test_being_seen_is_written_once_a_minute() -> None:
    session, _ = _sign_in(CONSOLE, make_person(CONSOLE))
    before = _reload(session).row.seen_at
    assert _reload(session).row.seen_at == before
    CONSOLE.session.objects.filter(id=session.row.id).update(seen_at=before - CONSOLE.idle / 2)
    assert _reload(session).row.seen_at > before - CONSOLE.idle / 2


def test_code_of_the_app_is_the_second_step_and_is_taken_once() -> None:
    person, secret = make_person(ADMIN), make_totp_secret()
    made = pyotp.TOTP(secret)
    now = origin_of(ADMIN)
    add_totp(realm=ADMIN, person=person, secret=secret, code=made.at(now.at), origin=now)
    session, step = _sign_in(ADMIN, person)
    assert step == Step.FACTOR
    with pytest.raises(WrongCodeError):  # the one that set it up
        authenticate_by_code(session=session, code=made.at(now.at), origin=now)
    later = origin_of(ADMIN, later=30)
    authenticate_by_code(session=session, code=made.at(later.at), origin=later)
    assert session.row.confirmed_at is not None
    other, _ = _sign_in(ADMIN, person, later=31)
    with pytest.raises(WrongCodeError):
        authenticate_by_code(session=other, code=made.at(later.at), origin=origin_of(ADMIN, later=31))


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "\u0661" * 6, "000000 000000"])
def test_code_that_is_none_is_refused(code: str) -> None:
    person, secret = make_person(CONSOLE), make_totp_secret()
    now = origin_of(CONSOLE)
    add_totp(realm=CONSOLE, person=person, secret=secret, code=pyotp.TOTP(secret).at(now.at), origin=now)
    session, _ = _sign_in(CONSOLE, person)
    with pytest.raises(WrongCodeError):
        authenticate_by_code(session=session, code=code, origin=now)


def test_recovery_code_signs_in_once() -> None:
    person, secret = make_person(CONSOLE), make_totp_secret()
    now = origin_of(CONSOLE)
    add_totp(realm=CONSOLE, person=person, secret=secret, code=pyotp.TOTP(secret).at(now.at), origin=now)
    codes = generate_recovery_codes(realm=CONSOLE, person=person, origin=now)
    session, _ = _sign_in(CONSOLE, person)
    authenticate_by_code(session=session, code=f" {codes[3].upper()} ", origin=now)
    assert session.row.confirmed_at is not None
    other, _ = _sign_in(CONSOLE, person)
    with pytest.raises(WrongCodeError):
        authenticate_by_code(session=other, code=codes[3], origin=now)


def test_secret_of_the_app_is_sealed_and_bound_to_its_person() -> None:
    person, secret = make_person(CONSOLE), make_totp_secret()
    now = origin_of(CONSOLE)
    add_totp(realm=CONSOLE, person=person, secret=secret, code=pyotp.TOTP(secret).at(now.at), origin=now)
    assert secret.encode() not in bytes(person.totp_secret)
    thief = make_person(CONSOLE, totp_secret=person.totp_secret, totp_step=0)
    session, _ = _sign_in(CONSOLE, thief)
    with pytest.raises(Exception, match="does not belong there"):
        authenticate_by_code(session=session, code=pyotp.TOTP(secret).at(now.at), origin=now)


def test_step_up_lasts_five_minutes() -> None:
    person = make_person(CONSOLE)
    session, _ = _sign_in(CONSOLE, person)
    at = session.row.stepped_up_at
    assert is_stepped_up(row=session.row, now=at.replace(microsecond=0))
    late = origin_of(CONSOLE, person, later=301)
    assert not is_stepped_up(row=session.row, now=late.at)
    with pytest.raises(SignInRefusedError):
        authenticate_again(session=session, answer="another password", origin=late)
    authenticate_again(session=session, answer=PASSWORD, origin=late)
    assert is_stepped_up(row=session.row, now=late.at)


def test_sessions_are_listed_and_ended_one_by_one_and_all() -> None:
    person = make_person(PORTAL)
    sessions = [_sign_in(PORTAL, person)[0] for _ in range(3)]
    now = origin_of(PORTAL, person)
    assert {row.id for row in list_sessions(realm=PORTAL, person=person, now=now.at)} == {s.row.id for s in sessions}
    assert end_sessions(realm=PORTAL, person=person, only=sessions[0].row.id, origin=now) == 1
    assert end_sessions(realm=PORTAL, person=person, keep=sessions[1].row.id, origin=now) == 1
    assert [row.id for row in list_sessions(realm=PORTAL, person=person, now=now.at)] == [sessions[1].row.id]


def test_session_of_somebody_else_is_not_ended() -> None:
    session, _ = _sign_in(PORTAL, make_person(PORTAL))
    stranger = make_person(PORTAL)
    assert end_sessions(realm=PORTAL, person=stranger, only=session.row.id, origin=origin_of(PORTAL)) == 0
    assert _reload(session).row is not None


def test_reset_of_factors_asks_an_administrator_to_enroll_again() -> None:
    person, secret = make_person(ADMIN), make_totp_secret()
    now = origin_of(ADMIN)
    add_totp(realm=ADMIN, person=person, secret=secret, code=pyotp.TOTP(secret).at(now.at), origin=now)
    reset_factors(realm=ADMIN, person=person, origin=now)
    assert _sign_in(ADMIN, person)[1] == Step.ENROLL


def test_email_is_the_same_however_it_is_typed() -> None:
    person = make_person(CONSOLE, email="ada.typed@example.test")
    assert read_email(text=" Ada.Typed@Example.TEST ") == person.email
    session = make_session(CONSOLE)
    typed = {"email": "ADA.typed@example.test ", "password": PASSWORD}
    assert authenticate_by_password(session=session, origin=origin_of(CONSOLE), **typed) == Step.DONE


def test_unknown_account_costs_as_much_time_as_a_known_one() -> None:
    """By the median, with room for a busy machine: one hash against none is a factor of hundreds."""
    known = make_person(CONSOLE)

    def measure(email: Callable[[], str]) -> float:
        taken = []
        for number in range(7):
            origin = origin_of(CONSOLE, address=f"198.51.{number}.1")
            begun = time.process_time()
            with pytest.raises(SignInRefusedError):
                authenticate_by_password(session=make_session(CONSOLE), email=email(), password="x" * 12, origin=origin)
            taken.append(time.process_time() - begun)
        return statistics.median(taken)

    ratio = measure(lambda: "nobody@example.test") / measure(lambda: known.email)
    assert 0.5 < ratio < 2
