"""People: how their e-mail is written, making them, taking their access, and giving it back."""

import unicodedata
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from audit.actions import Action
from audit.actors import Origin
from tenants import TenantsError
from tenants.models.people import LONGEST_EMAIL, LONGEST_NAME
from tenants.realms import Realm
from tenants.services.accounts.passwords import check_new_password
from tenants.services.accounts.scopes import open_account_scope, record_act


class PersonRefusedError(TenantsError):
    """There cannot be such a person: the e-mail or the name is none, or the e-mail is taken."""


class UnknownPersonError(TenantsError):
    """No such person in this realm."""


def read_email(*, text: str) -> str:
    """The address as it is kept: NFKC, lower case. Raises PersonRefusedError."""
    email = unicodedata.normalize("NFKC", text).strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise PersonRefusedError("This is not an e-mail address.") from error
    if len(email) > LONGEST_EMAIL:
        raise PersonRefusedError(f"An e-mail address has at most {LONGEST_EMAIL} characters.")
    return email


def read_name(*, text: str) -> str:
    """Raises PersonRefusedError."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise PersonRefusedError(f"A name has 1 to {LONGEST_NAME} printable characters.")
    return name


def find_person(*, realm: Realm, email: str) -> Any:
    """Raises UnknownPersonError."""
    found = realm.person.objects.filter(email=email).first()
    if found is None:
        raise UnknownPersonError(f"nobody here has the e-mail address {email!r}")
    return found


def get_person(*, realm: Realm, person_id: UUID) -> Any:
    """Raises UnknownPersonError."""
    found = realm.person.objects.filter(id=person_id).first()
    if found is None:
        raise UnknownPersonError("there is no such person")
    return found


def create_person(*, realm: Realm, email: str, name: str, origin: Origin, password: str | None = None) -> Any:
    """Somebody new; without a password they sign in only after they followed a link. Raises PersonRefusedError,
    PasswordRefusedError.
    """
    person = realm.person(email=read_email(text=email), name=read_name(text=name))
    if password is None:
        person.set_unusable_password()
    else:
        check_new_password(password=password, person=person)
        person.set_password(password)
    with open_account_scope(realm=realm, origin=origin, reason="create an account") as scope:
        try:
            with transaction.atomic(using=scope.alias):
                person.save(force_insert=True)
        except IntegrityError as error:
            raise PersonRefusedError("This e-mail address is taken.") from error
        record_act(action=Action.PERSON_CREATED, person=person, origin=origin)
    return person


def disable_person(*, realm: Realm, person: Any, origin: Origin) -> None:
    """Nobody signs in as them any more, and every session of theirs ends."""
    with open_account_scope(realm=realm, origin=origin, reason="disable an account"):
        if realm.person.objects.filter(id=person.id, is_active=True).update(is_active=False):
            realm.session.objects.filter(person_id=person.id).delete()
            record_act(action=Action.PERSON_DISABLED, person=person, origin=origin)
    person.is_active = False


def enable_person(*, realm: Realm, person: Any, origin: Origin) -> None:
    """They may sign in again."""
    with open_account_scope(realm=realm, origin=origin, reason="enable an account"):
        if realm.person.objects.filter(id=person.id, is_active=False).update(is_active=True):
            record_act(action=Action.PERSON_ENABLED, person=person, origin=origin)
    person.is_active = True


def reset_factors(*, realm: Realm, person: Any, origin: Origin) -> None:
    """Forget every second factor of somebody who lost them all, and end their sessions: they set up new ones."""
    with open_account_scope(realm=realm, origin=origin, reason="reset second factors"):
        realm.person.objects.filter(id=person.id).update(totp_secret=None, totp_step=None)
        for rows in (realm.passkey, realm.recovery_code, realm.session):
            rows.objects.filter(person_id=person.id).delete()
        record_act(action=Action.FACTORS_RESET, person=person, origin=origin)


def change_name(*, realm: Realm, person: Any, name: str, origin: Origin) -> None:
    """Raises PersonRefusedError."""
    read = read_name(text=name)
    with open_account_scope(realm=realm, origin=origin, reason="change a name"):
        realm.person.objects.filter(id=person.id).update(name=read)
        record_act(action=Action.PERSON_RENAMED, person=person, origin=origin)
    person.name = read
