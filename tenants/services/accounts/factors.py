"""Adding and removing second factors, with what goes along: the person is told, and the last one stays where one is
needed.
"""

from typing import Any
from uuid import UUID

from audit.actors import Origin
from audit.notices import Kind
from tenants import TenantsError
from tenants.realms import Realm
from tenants.services.accounts.passkeys import Site, add_passkey, list_passkeys, remove_passkey
from tenants.services.accounts.scopes import open_account_scope
from tenants.services.accounts.sign_in import is_factor_required
from tenants.services.accounts.totp import add_totp, remove_totp
from tenants.services.notifications import make_notice, queue_message


class LastFactorError(TenantsError):
    """Whoever needs a second factor keeps one."""


def add_app(*, realm: Realm, person: Any, secret: str, code: str, origin: Origin) -> None:
    """Take an authenticator app. Raises WrongCodeError."""
    with open_account_scope(realm=realm, origin=origin, reason="add an authenticator app"):
        add_totp(realm=realm, person=person, secret=secret, code=code, origin=origin)
        queue_message(realm=realm, message=make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin))


def add_key(*, realm: Realm, person: Any, name: str, answer: str, challenge: str, site: Site, origin: Origin) -> None:
    """Take a passkey. Raises PasskeyRefusedError."""
    with open_account_scope(realm=realm, origin=origin, reason="add a passkey"):
        add_passkey(realm=realm, person=person, name=name, answer=answer, challenge=challenge, site=site, origin=origin)
        queue_message(realm=realm, message=make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin))


def remove_app(*, realm: Realm, person: Any, origin: Origin) -> None:
    """Raises LastFactorError."""
    with open_account_scope(realm=realm, origin=origin, reason="remove an authenticator app"):
        if not list_passkeys(realm=realm, person=person):
            _require_none(realm, person)
        remove_totp(realm=realm, person=person, origin=origin)
        queue_message(realm=realm, message=make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin))


def remove_key(*, realm: Realm, person: Any, passkey_id: UUID, origin: Origin) -> None:
    """Raises LastFactorError."""
    with open_account_scope(realm=realm, origin=origin, reason="remove a passkey"):
        if person.totp_secret is None and len(list_passkeys(realm=realm, person=person)) == 1:
            _require_none(realm, person)
        remove_passkey(realm=realm, person=person, passkey_id=passkey_id, origin=origin)
        queue_message(realm=realm, message=make_notice(kind=Kind.FACTOR_CHANGED, person=person, origin=origin))


def _require_none(realm: Realm, person: Any) -> None:
    if is_factor_required(realm=realm, person=person):
        raise LastFactorError("You need a second factor here: add another one first.")
