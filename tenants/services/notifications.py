"""Telling people by e-mail: an outbox row in the transaction of what is told, and the ledger that sends it, at least
once.

A row says what happened; its text and any link in it are made when it is sent. So an answer to a stranger takes as long
as one to somebody known, and no link stands in the outbox.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from audit.actions import Action
from audit.actors import Origin
from audit.notices import NOTICES, Audience, Kind
from tenants import TenantsError
from tenants.models import Role
from tenants.realms import CONSOLE, REALMS, Realm
from tenants.services.accounts.links import Purpose, create_link
from tenants.services.accounts.scopes import open_account_scope, record_act
from tenants.services.setup_secrets import renew_secret

ATTEMPTS = 8
BATCH = 20
FIRST_RETRY = timedelta(seconds=30)
LONGEST_FAILURE = 500
SALT = "labsninja.notifications.mute"
CLAIM = """
UPDATE {table} SET attempts = attempts + 1, due_at = %s WHERE id IN (
    SELECT id FROM {table} WHERE sent_at IS NULL AND attempts < %s AND due_at <= %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id
"""
logger = logging.getLogger(__name__)


# What carries a link, and what the link is good for.
LINKS: Mapping[Kind, Purpose] = {
    Kind.INVITATION: Purpose.INVITATION,
    Kind.PASSWORD_RESET: Purpose.RESET,
    Kind.EMAIL_CHANGE: Purpose.EMAIL,
}


class UnknownSubscriptionError(TenantsError):
    """The link to unsubscribe was changed, or is of another realm."""


@dataclass(frozen=True)
class Message:
    """What is to be told to whom; of one `key` only the first is sent."""

    kind: Kind
    email: str
    key: str
    person: Any = None
    details: Mapping[str, Any] | None = None


def queue_message(*, realm: Realm, message: Message) -> None:
    """Put a message into the outbox within the open scope, unless it is there or the person has muted its kind."""
    is_known = message.person is not None
    if is_known and realm.muted.objects.filter(person_id=message.person.id, kind=message.kind).exists():
        return
    row = realm.notification(
        kind=message.kind,
        email=message.email,
        dedupe_key=message.key,
        person_id=message.person.id if is_known else None,
        details=dict(message.details or {}),
    )
    realm.notification.objects.bulk_create([row], ignore_conflicts=True)


def make_notice(*, kind: Kind, person: Any, origin: Origin) -> Message:
    """A notice about the safety of an account."""
    key = f"{kind}:{person.id}:{origin.request_id}"
    return Message(kind, person.email, key, person, {"address": origin.address, "at": origin.at.isoformat()})


def queue_for_members(
    *, realm: Realm, roles: Collection[Role], kind: Kind, key: str, details: Mapping[str, Any]
) -> int:
    """Tell every member of the open scope's tenant who has one of the roles. Gives how many."""
    members = realm.membership.objects.select_related("person").filter(role__in=roles, accepted_at__isnull=False)
    people = [member.person for member in members]
    for person in people:
        queue_message(realm=realm, message=Message(kind, person.email, f"{key}:{person.id}", person, details))
    return len(people)


def send_due_messages(*, now: datetime, origin: Origin) -> int:
    """Send what is due in all realms. Gives how many were sent."""
    return sum(_send(realm, row, now, origin) for realm in REALMS.values() for row in _claim(realm, now, origin))


def mute_kind(*, realm: Realm, signed: str, origin: Origin) -> Kind:
    """Unsubscribe by the link at the end of an e-mail. Raises UnknownSubscriptionError."""
    kind, person = read_subscription(realm=realm, signed=signed)
    with open_account_scope(realm=realm, origin=origin, reason="unsubscribe from an e-mail"):
        realm.muted.objects.bulk_create([realm.muted(person_id=person.id, kind=kind)], ignore_conflicts=True)
        record_act(action=Action.NOTIFICATION_MUTED, person=person, origin=origin, details={"kind": kind})
    return kind


def list_choices(*, realm: Realm, person: Any) -> Mapping[Kind, bool]:
    """The optional e-mails that the person may get, and which of them they want."""
    muted = set(realm.muted.objects.filter(person_id=person.id).values_list("kind", flat=True))
    return {kind: kind not in muted for kind in _list_optional(realm)}


def set_notices(*, realm: Realm, person: Any, wanted: Collection[Kind], origin: Origin) -> None:
    """Have the person get these of the optional e-mails, and no others: in one event, unless it is so already."""
    with open_account_scope(realm=realm, origin=origin, reason="choose e-mails"):
        realm.person.objects.select_for_update().get(id=person.id)
        before = list_choices(realm=realm, person=person)
        changed = {kind: kind in wanted for kind, is_wanted in before.items() if is_wanted is not (kind in wanted)}
        if not changed:
            return
        muted = [realm.muted(person_id=person.id, kind=kind) for kind, is_wanted in changed.items() if not is_wanted]
        realm.muted.objects.bulk_create(muted, ignore_conflicts=True)
        again = [kind for kind, is_wanted in changed.items() if is_wanted]
        realm.muted.objects.filter(person_id=person.id, kind__in=again).delete()
        changes = [{"path": kind, "before": before[kind], "after": is_wanted} for kind, is_wanted in changed.items()]
        record_act(action=Action.NOTICES_CHOSEN, person=person, origin=origin, changes=changes)


def is_told(*, realm: Realm, kind: Kind) -> bool:
    """Whether an e-mail of the kind goes to people of the realm: what is for admins of a tenant, to operators alone."""
    audience = NOTICES[kind].audience
    return audience is Audience.PERSON or (audience is Audience.ADMINS and realm == CONSOLE)


def _list_optional(realm: Realm) -> list[Kind]:
    return [kind for kind, notice in NOTICES.items() if notice.is_optional and is_told(realm=realm, kind=kind)]


def sign_subscription(*, realm: Realm, kind: Kind, person: Any) -> str:
    """What the link to unsubscribe ends with."""
    return signing.dumps([realm.name, kind, str(person.id)], salt=SALT)


def read_subscription(*, realm: Realm, signed: str) -> tuple[Kind, Any]:
    """Kind and person of a link to unsubscribe. Raises UnknownSubscriptionError."""
    try:
        name, kind, person_id = signing.loads(signed, salt=SALT)
        person = realm.person.objects.filter(id=person_id).first() if name == realm.name else None
    except (signing.BadSignature, ValueError) as error:
        raise UnknownSubscriptionError("this link is damaged") from error
    if person is None:
        raise UnknownSubscriptionError("this link belongs to no account here")
    return Kind(kind), person


def _claim(realm: Realm, now: datetime, origin: Origin) -> list[Any]:
    """Rows for this process: a second one passes over them until they are due again."""
    table = realm.notification._meta.db_table
    with open_account_scope(realm=realm, origin=origin, reason="send e-mail") as scope:
        values = [now + FIRST_RETRY, ATTEMPTS, now, BATCH]
        ids = [row for (row,) in scope.execute(CLAIM.format(table=table), values).fetchall()]
        return list(realm.notification.objects.select_related("person").filter(id__in=ids).order_by("created_at"))


def _send(realm: Realm, row: Any, now: datetime, origin: Origin) -> int:
    kind = Kind(row.kind)
    if NOTICES[kind].audience is Audience.STRANGER:
        person, link = None, _renew_setup(row, now)
    else:
        person, link = _find_addressee(realm, kind, row, origin)
    if link is None:
        realm.notification.objects.filter(id=row.id).delete()
        return 0
    values = {**row.details, **link}
    try:
        _compose(realm, kind, person, row.email, values).send()
    except (SMTPException, OSError) as error:
        _postpone(realm, row, now, str(error))
        return 0
    realm.notification.objects.filter(id=row.id).update(sent_at=now, failure="")
    return 1


def _find_addressee(realm: Realm, kind: Kind, row: Any, origin: Origin) -> tuple[Any, dict[str, str] | None]:
    """The person, and their link; None for somebody who asked for an account that is not there."""
    with open_account_scope(realm=realm, origin=origin, reason="send e-mail"):
        person = row.person or realm.person.objects.filter(email=row.email, is_active=True).first()
        return person, None if person is None else _link(realm, kind, person, row, origin)


def _renew_setup(row: Any, now: datetime) -> dict[str, str] | None:
    """The link to a set-up; None when it has ended meanwhile."""
    told = row.details
    secret = renew_secret(tenant_id=UUID(told["tenant_id"]), link_id=UUID(told["link_id"]), now=now)
    return {"link": f"{settings.LABSNINJA_PUBLIC_URL}/setup/{told['link_id']}/{secret}"} if secret else None


def _link(realm: Realm, kind: Kind, person: Any, row: Any, origin: Origin) -> dict[str, str]:
    purpose = LINKS.get(kind)
    if purpose is None:
        return {}
    token = create_link(
        realm=realm,
        purpose=purpose,
        person=person,
        origin=origin,
        email=row.email if purpose == Purpose.EMAIL else "",
        tenant_id=row.details.get("tenant_id"),
    )
    return {"link": f"{find_surface_url(realm=realm)}{purpose}/{token}"}


def _postpone(realm: Realm, row: Any, now: datetime, failure: str) -> None:
    due = now + FIRST_RETRY * 2**row.attempts
    realm.notification.objects.filter(id=row.id).update(failure=failure[:LONGEST_FAILURE], due_at=due)
    logger.warning("an e-mail (%s) was not taken, attempt %s of %s: %s", row.kind, row.attempts, ATTEMPTS, failure)


def _compose(realm: Realm, kind: Kind, person: Any, email: str, values: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The first line of the text is the subject."""
    mute = ""
    if NOTICES[kind].is_optional:
        signed = sign_subscription(realm=realm, kind=kind, person=person)
        mute = f"{find_surface_url(realm=realm)}unsubscribe/{signed}"
    context = {**values, "person": person, "realm": realm, "mute": mute, "site": find_surface_url(realm=realm)}
    subject, _, text = render_to_string(f"mail/{kind}.txt", context).strip().partition("\n")
    message = EmailMultiAlternatives(subject.strip(), text.strip() + "\n", to=[email])
    message.attach_alternative(render_to_string(f"mail/{kind}.html", context | {"subject": subject}), "text/html")
    if mute:
        message.extra_headers = {"List-Unsubscribe": f"<{mute}>"}
    return message


def find_surface_url(*, realm: Realm) -> str:
    """Where a realm's pages stand for its people, with a slash at the end."""
    return f"{settings.LABSNINJA_SURFACE_URLS[realm.name]}{realm.prefix}"
