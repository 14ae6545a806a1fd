"""Recovery codes: ten, shown once, each good for one sign-in when every other factor is lost."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from audit.actions import Action
from audit.actors import Origin
from tenants.realms import Realm
from tenants.services.accounts.scopes import open_account_scope, record_act
from tenants.services.accounts.totp import WrongCodeError

CODES = 10
# No letter or digit that looks like another: people write these down.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUP, GROUPS = 5, 3


def generate_recovery_codes(*, realm: Realm, person: Any, origin: Origin) -> Sequence[str]:
    """New codes, as in abcde-fghjk-mnpqr; those before are worthless. 74 random bits each: a hash needs no key."""
    codes = [_draw() for _ in range(CODES)]
    with open_account_scope(realm=realm, origin=origin, reason="make recovery codes"):
        realm.recovery_code.objects.filter(person_id=person.id).delete()
        rows = [realm.recovery_code(person_id=person.id, digest=_digest(person, code)) for code in codes]
        realm.recovery_code.objects.bulk_create(rows)
        record_act(action=Action.RECOVERY_CODES_MADE, person=person, origin=origin)
    return codes


def use_recovery_code(*, realm: Realm, person: Any, code: str, origin: Origin) -> None:
    """Spend a code. Raises WrongCodeError."""
    unused = realm.recovery_code.objects.filter(person_id=person.id, used_at__isnull=True)
    if not unused.filter(digest=_digest(person, code)).update(used_at=origin.at):
        raise WrongCodeError("This is not one of your recovery codes, or it was used already.")


def count_recovery_codes(*, realm: Realm, person: Any) -> int:
    """How many are left."""
    return int(realm.recovery_code.objects.filter(person_id=person.id, used_at__isnull=True).count())


def _draw() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def _digest(person: Any, code: str) -> bytes:
    plain = "".join(sign for sign in code.lower() if sign in ALPHABET)
    return sha256(f"{person.id}|{plain}".encode()).digest()
