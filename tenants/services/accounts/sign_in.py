"""Signing in: a password, then a second factor where there is one or has to be one; or a passkey, which is both.

Whatever is wrong is answered with one sentence, and costs the same time. Every attempt is counted first.
"""

from enum import StrEnum
from typing import Any

from audit.actions import Action, Outcome
from audit.actors import Origin
from audit.services import Event, Target, record_event
from tenants import TenantsError
from tenants.realms import Realm
from tenants.services.accounts.memberships import list_memberships
from tenants.services.accounts.passkeys import PasskeyRefusedError, Site, use_passkey
from tenants.services.accounts.passwords import matches_password
from tenants.services.accounts.people import PersonRefusedError, read_email
from tenants.services.accounts.recovery_codes import use_recovery_code
from tenants.services.accounts.scopes import open_account_scope
from tenants.services.accounts.session_store import RealmSession
from tenants.services.accounts.sessions import begin_session, confirm_session, confirm_step_up
from tenants.services.accounts.throttling import claim_attempt, clear_attempts
from tenants.services.accounts.totp import DIGITS, WrongCodeError, use_totp

LONGEST_GUESS = 254


class SignInRefusedError(TenantsError):
    """Unknown, disabled, or the wrong password: nobody is told which."""


class Step(StrEnum):
    """What comes after the password: nothing, a second factor, or setting one up."""

    DONE = "done"
    FACTOR = "factor"
    ENROLL = "enroll"


def authenticate_by_password(*, session: RealmSession, email: str, password: str, origin: Origin) -> Step:
    """Raises SignInRefusedError, TooManyAttemptsError."""
    realm, account = session.realm, _fold(email)
    claim_attempt(realm=realm, account=account, origin=origin)
    person = realm.person.objects.filter(email=account, is_active=True).first()
    if not matches_password(person=person, password=password):
        _refuse(realm, person, "password", origin)
        raise SignInRefusedError("The e-mail address or the password is wrong.")
    step = decide_step(realm=realm, person=person)
    begin_session(session=session, person=person, factor="password", is_complete=step == Step.DONE, origin=origin)
    return step


def authenticate_by_passkey(*, session: RealmSession, answer: str, challenge: str, site: Site, origin: Origin) -> None:
    """A passkey of anybody of this realm, or of whoever has just given their password. Raises PasskeyRefusedError,
    TooManyAttemptsError.
    """
    realm, counted = session.realm, f"passkey from {origin.address}"
    claim_attempt(realm=realm, account=counted, origin=origin)
    pending = session.row.person if session.row is not None else None
    try:
        person = use_passkey(realm=realm, answer=answer, challenge=challenge, site=site, origin=origin)
        _require_same(pending, person)
    except PasskeyRefusedError:
        _refuse(realm, pending, "passkey", origin)
        raise
    with open_account_scope(realm=realm, origin=origin, reason="sign in") as scope:
        clear_attempts(scope=scope, realm=realm, account=counted, origin=origin)
        begin_session(session=session, person=person, factor="passkey", is_complete=True, origin=origin)


def authenticate_by_code(*, session: RealmSession, code: str, origin: Origin) -> None:
    """The second step of whoever has given their password: six digits of the app, or a recovery code. Raises
    WrongCodeError, TooManyAttemptsError.
    """
    person = session.row.person
    confirm_session(
        session=session, person=person, factor=_use_code(session.realm, person, code, origin), origin=origin
    )


def authenticate_again(*, session: RealmSession, answer: str, origin: Origin) -> None:
    """Step-up: a code where there is an app, the password otherwise. Raises SignInRefusedError, WrongCodeError,
    TooManyAttemptsError.
    """
    realm, person = session.realm, session.row.person
    if person.totp_secret is not None:
        factor = _use_code(realm, person, answer, origin)
    else:
        claim_attempt(realm=realm, account=person.email, origin=origin)
        if not matches_password(person=person, password=answer):
            _refuse(realm, person, "password", origin)
            raise SignInRefusedError("The password is wrong.")
        factor = "password"
    confirm_step_up(session=session, person=person, factor=factor, origin=origin)


def authenticate_again_by_passkey(
    *, session: RealmSession, answer: str, challenge: str, site: Site, origin: Origin
) -> None:
    """Step-up by passkey. Raises PasskeyRefusedError, TooManyAttemptsError."""
    realm, person = session.realm, session.row.person
    claim_attempt(realm=realm, account=person.email, origin=origin)
    try:
        found = use_passkey(realm=realm, answer=answer, challenge=challenge, site=site, origin=origin)
        _require_same(person, found)
    except PasskeyRefusedError:
        _refuse(realm, person, "passkey", origin)
        raise
    confirm_step_up(session=session, person=person, factor="passkey", origin=origin)


def decide_step(*, realm: Realm, person: Any) -> Step:
    """Whoever has a second factor shows it; whoever needs one and has none sets it up."""
    if has_factor(realm=realm, person=person):
        return Step.FACTOR
    return Step.ENROLL if is_factor_required(realm=realm, person=person) else Step.DONE


def has_factor(*, realm: Realm, person: Any) -> bool:
    """Whether there is an app or a passkey."""
    return person.totp_secret is not None or realm.passkey.objects.filter(person_id=person.id).exists()


def is_factor_required(*, realm: Realm, person: Any) -> bool:
    """By the realm's rule, or that of any tenant the person belongs to."""
    if realm.is_platform:
        return realm.needs_factor
    return any(membership.needs_factor for membership in list_memberships(realm=realm, person=person))


def _use_code(realm: Realm, person: Any, code: str, origin: Origin) -> str:
    """Gives what the code was."""
    claim_attempt(realm=realm, account=person.email, origin=origin)
    is_digits = len(code.replace(" ", "")) == DIGITS
    try:
        if is_digits and person.totp_secret is not None:
            use_totp(realm=realm, person=person, code=code, origin=origin)
        else:
            use_recovery_code(realm=realm, person=person, code=code, origin=origin)
    except WrongCodeError:
        _refuse(realm, person, "code", origin)
        raise
    return "totp" if is_digits else "recovery code"


def _require_same(expected: Any | None, found: Any) -> None:
    if expected is not None and expected.id != found.id:
        raise PasskeyRefusedError("This passkey belongs to another account.")


def _refuse(realm: Realm, person: Any | None, reason: str, origin: Origin) -> None:
    """An unknown account is not named: people type their password into the wrong field."""
    target = (
        Target(realm.person.__name__, str(person.id), person.email) if person else Target(realm.person.__name__, "")
    )
    event = Event(Action.SIGN_IN_REFUSED, target, outcome=Outcome.DENIED, details={"reason": reason})
    with open_account_scope(realm=realm, origin=origin, reason="refuse a sign-in"):
        record_event(event=event, origin=origin)


def _fold(email: str) -> str:
    """As stored; what is no address is a name that nobody has, and costs the same."""
    try:
        return read_email(text=email)
    except PersonRefusedError:
        return email[:LONGEST_GUESS].replace("\0", "")
