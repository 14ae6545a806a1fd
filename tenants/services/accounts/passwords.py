"""Passwords: Argon2id, a least length, none of the common ones, no rules of composition (ASVS 5.0, 6.2).

Whoever is unknown costs as much time as somebody known, so that answers do not tell who has an account.
"""

from typing import Any

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError

from audit.actions import Action
from audit.actors import Origin
from audit.notices import Kind
from tenants import TenantsError
from tenants.realms import Realm
from tenants.services.accounts.scopes import open_account_scope, record_act
from tenants.services.notifications import make_notice, queue_message

LONGEST = 256


class PasswordRefusedError(TenantsError):
    """The password is not one that we take; `reasons` are sentences for whoever chose it."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def check_new_password(*, password: str, person: Any) -> None:
    """Raises PasswordRefusedError."""
    if len(password) > LONGEST:
        raise PasswordRefusedError([f"A password has at most {LONGEST} characters."])
    try:
        password_validation.validate_password(password, person)
    except ValidationError as error:
        raise PasswordRefusedError([str(message) for message in error.messages]) from error


def matches_password(*, person: Any | None, password: str) -> bool:
    """Whether it is `person`'s. Costs one Argon2 hash, for nobody too."""
    encoded = person.password if person is not None and person.has_usable_password() else ""
    if len(password) > LONGEST or not encoded:
        make_password(password[:LONGEST])
        return False
    return check_password(password, encoded)


def change_password(*, realm: Realm, person: Any, password: str, keep_session: Any = None, origin: Origin) -> None:
    """Take a new password and end every other session. Raises PasswordRefusedError."""
    check_new_password(password=password, person=person)
    encoded = make_password(password)
    with open_account_scope(realm=realm, origin=origin, reason="change a password"):
        realm.person.objects.filter(id=person.id).update(password=encoded)
        realm.session.objects.filter(person_id=person.id).exclude(id=keep_session).delete()
        record_act(action=Action.PASSWORD_CHANGED, person=person, origin=origin)
        queue_message(realm=realm, message=make_notice(kind=Kind.PASSWORD_CHANGED, person=person, origin=origin))
    person.password = encoded
