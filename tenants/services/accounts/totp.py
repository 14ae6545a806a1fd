"""Codes of an authenticator app (TOTP, RFC 6238): 6 digits, 30 seconds, SHA-1 as every app takes it; each once.

The secret is sealed under the deployment's data key. One step to either side is taken, since clocks differ.
"""

from datetime import datetime
from io import BytesIO
from typing import Any

import pyotp
import segno

from audit.actions import Action
from audit.actors import Origin
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context
from labsninja.kernel.secrets import decrypt_secret, encrypt_secret
from tenants import TenantsError
from tenants.realms import Realm
from tenants.services.accounts.scopes import open_account_scope, record_act

ISSUER = "LabsNinja"
STEP_SECONDS = 30
DIGITS = 6


class WrongCodeError(TenantsError):
    """The code is not one of this moment, or was used already."""


def make_totp_secret() -> str:
    """A new secret, base32, 160 bits. It counts once `add_totp` saw a code of it."""
    return pyotp.random_base32()


def draw_totp(*, secret: str, email: str) -> str:
    """The QR code for an app, as SVG for a page: no script, no style, no color of its own."""
    drawn = BytesIO()
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    segno.make(uri, error="m").save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, light="#fff"
    )
    return drawn.getvalue().decode()


def add_totp(*, realm: Realm, person: Any, secret: str, code: str, origin: Origin) -> None:
    """Take the app whose `secret` made `code`; it replaces the one before. Raises WrongCodeError."""
    step = _find_step(secret, code, origin.at)
    if step is None:
        raise WrongCodeError("This is not the code that the app shows now.")
    with open_account_scope(realm=realm, origin=origin, reason="add an authenticator app"):
        sealed = encrypt_secret(plaintext=secret.encode(), **_place(realm, person))
        realm.person.objects.filter(id=person.id).update(totp_secret=sealed, totp_step=step)
        record_act(action=Action.TOTP_ADDED, person=person, origin=origin)
    person.totp_secret, person.totp_step = sealed, step


def remove_totp(*, realm: Realm, person: Any, origin: Origin) -> None:
    """Forget the app."""
    with open_account_scope(realm=realm, origin=origin, reason="remove an authenticator app"):
        realm.person.objects.filter(id=person.id).update(totp_secret=None, totp_step=None)
        record_act(action=Action.TOTP_REMOVED, person=person, origin=origin)
    person.totp_secret = None


def use_totp(*, realm: Realm, person: Any, code: str, origin: Origin) -> None:
    """Spend a code: another sign-in with it, even at the same moment, is refused. Raises WrongCodeError."""
    with tenant_context(DEPLOYMENT_TENANT_ID):
        secret = decrypt_secret(ciphertext=bytes(person.totp_secret), **_place(realm, person)).decode()
    step = _find_step(secret, code, origin.at)
    spent = realm.person.objects.filter(id=person.id, totp_step__lt=step).update(totp_step=step) if step else 0
    if not spent:
        raise WrongCodeError("This is not the code that the app shows now, or it was used already.")


def _find_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that `code` belongs to, of the one before, this one and the next."""
    digits = code.replace(" ", "")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    made = pyotp.TOTP(secret)
    steps = (current, current - 1, current + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(made.generate_otp(step), digits)), None)


def _place(realm: Realm, person: Any) -> dict[str, Any]:
    table = realm.person._meta.db_table
    return {"tenant_id": DEPLOYMENT_TENANT_ID, "table": table, "column": "totp_secret", "row": person.id}
