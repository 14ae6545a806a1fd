"""People for tests: an account in a realm with a password whose hash is computed once, and where they come from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import uuid_utils.compat
from django.contrib.auth.hashers import make_password

from audit.actors import Actor, ActorKind, Origin
from tenants import models
from tenants.realms import REALMS, Realm
from tenants.services.accounts.session_store import RealmSession

PASSWORD = "correct horse battery staple"
TABLES = ("person", "session", "passkey", "recovery_code", "link", "notification", "muted", "membership")
PEOPLE_TABLES = sorted(
    {
        *(getattr(realm, name)._meta.db_table for realm in REALMS.values() for name in TABLES if getattr(realm, name)),
        models.SignInPolicy._meta.db_table,
        "tenants_sign_in_throttle",
    }
)


@cache
def encoded_password() -> str:
    return make_password(PASSWORD)


def make_person(realm: Realm, **values: Any) -> Any:
    """Somebody new with PASSWORD."""
    email = f"{uuid_utils.compat.uuid7().hex}@example.test"
    return realm.person.objects.create(**{"email": email, "name": "Ada", "password": encoded_password(), **values})


def origin_of(realm: Realm, person: Any = None, *, address: str = "192.0.2.1", later: float = 0) -> Origin:
    """An origin of now, or `later` by seconds; without a person of somebody who is not signed in."""
    actor = Actor(realm.actor, str(person.id), person.email) if person else Actor(ActorKind.ANONYMOUS)
    at = datetime.now(UTC) + timedelta(seconds=later)
    return replace(Origin(actor, realm.name, address=address, user_agent="Firefox/1 Linux"), at=at)


def make_session(realm: Realm, *, key: str | None = None) -> RealmSession:
    """A browser's session: of `key`, or a new one."""
    return RealmSession(key, realm=realm, origin=origin_of(realm))
