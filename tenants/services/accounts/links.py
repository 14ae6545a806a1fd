"""Links that e-mails carry: 256 random bits of which the digest is kept, for one purpose, once, and not for long."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from tenants import TenantsError
from tenants.models import Link
from tenants.realms import Realm
from tenants.services.accounts.scopes import open_account_scope, record_act

Purpose = Link.Purpose
LASTS = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: timedelta(hours=1), Purpose.EMAIL: timedelta(days=1)}
TOKEN_BYTES = 32


class LinkRefusedError(TenantsError):
    """The link is unknown, was used, or is too old: which of them is nobody's business."""


def create_link(
    *,
    realm: Realm,
    purpose: Purpose,
    person: Any,
    origin: Origin,
    email: str = "",
    tenant_id: UUID | str | None = None,
) -> str:
    """A new link's token, to be shown once. Links of the purpose that went out before stay good until their end, since
    e-mails overtake one another.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with open_account_scope(realm=realm, origin=origin, reason="issue a link"):
        realm.link.objects.create(
            purpose=purpose,
            person_id=person.id,
            digest=_digest(token),
            email=email,
            tenant_id=tenant_id,
            expires_at=origin.at + LASTS[purpose],
        )
        record_act(action=Action.LINK_ISSUED, person=person, origin=origin, details={"purpose": purpose})
    return token


def find_link(*, realm: Realm, purpose: Purpose, token: str, now: datetime) -> Any:
    """The link, with its person, as long as it can be used. Raises LinkRefusedError."""
    found = realm.link.objects.select_related("person").filter(digest=_digest(token), purpose=purpose)
    link = found.filter(used_at__isnull=True, expires_at__gt=now, person__is_active=True).first()
    if link is None:
        raise LinkRefusedError("This link was used already, or is too old.")
    return link


def use_link(*, realm: Realm, link: Any, now: datetime) -> None:
    """Spend the link, within the transaction of what it is used for, and every other of its person and purpose. Raises
    LinkRefusedError when another request was first.
    """
    if not realm.link.objects.filter(id=link.id, used_at__isnull=True).update(used_at=now):
        raise LinkRefusedError("This link was used already, or is too old.")
    others = realm.link.objects.filter(person_id=link.person_id, purpose=link.purpose, used_at__isnull=True)
    others.filter(tenant_id=link.tenant_id).update(used_at=now)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
