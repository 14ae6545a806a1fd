"""Acts that go by e-mail: inviting somebody, asking for a new password, changing an address; and what the link does."""

from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from audit.actions import Action
from audit.actors import Origin
from audit.notices import Kind
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_context, tenant_scope
from tenants.models import Role, Tenant
from tenants.realms import Realm
from tenants.services.accounts.links import LinkRefusedError, Purpose, find_link, use_link
from tenants.services.accounts.memberships import (
    accept_membership,
    add_member,
    check_invitation,
    find_waiting_member,
    is_invited,
)
from tenants.services.accounts.passwords import check_new_password
from tenants.services.accounts.people import PersonRefusedError, create_person, read_email, read_name
from tenants.services.accounts.scopes import open_account_scope, record_act
from tenants.services.accounts.throttling import claim_attempt
from tenants.services.notifications import Message, make_notice, queue_message

# A second request within this time is the first one's.
RESET_EVERY = 300


def invite_member(*, realm: Realm, email: str, name: str, role: Role, origin: Origin) -> Any:
    """Make somebody a member of the bound tenant and send the link by which they join. The answer is the same whether
    they had an account. Raises PersonRefusedError, RoleRefusedError.
    """
    account = read_email(text=email)
    check_invitation(realm=realm, origin=origin)  # before anybody is made
    person = realm.person.objects.filter(email=account).first()
    if person is None:
        person = create_person(realm=realm, email=account, name=name, origin=origin)
    member = add_member(realm=realm, person=person, role=role, origin=origin)
    _queue(realm, _make_invitation(person, role, origin), origin)
    return member


def renew_invitation(*, realm: Realm, person_id: UUID, origin: Origin) -> None:
    """Send whoever has not come yet another link to the bound tenant; the one before is good until its end.

    Raises RoleRefusedError, UnknownPersonError.
    """
    with tenant_scope():
        member = find_waiting_member(realm=realm, person_id=person_id, origin=origin)
        person = member.person
        queue_message(realm=realm, message=_make_invitation(person, Role(member.role), origin))
        target = Target(type(person).__name__, str(person.id), person.email)
        event = Event(Action.INVITATION_RESENT, target, details={"realm": realm.name})
        record_event(event=event, origin=origin)


def invite_administrator(*, realm: Realm, email: str, name: str, origin: Origin) -> Any:
    """Raises PersonRefusedError."""
    person = create_person(realm=realm, email=email, name=name, origin=origin)
    details = {"by": origin.actor.label, "tenant": "", "role": "administrator"}
    _queue(realm, Message(Kind.INVITATION, person.email, f"invitation:{person.id}", person, details), origin)
    return person


def accept_invitation(*, realm: Realm, token: str, name: str, password: str, origin: Origin) -> Any:
    """Join: whoever is new chooses name and password, whoever has an account signs in as ever. Raises LinkRefusedError,
    PersonRefusedError, PasswordRefusedError.
    """
    link, _tenant = find_invitation(realm=realm, token=token, origin=origin)
    person, is_new = link.person, not link.person.has_usable_password()
    values = {}
    if is_new:
        person.name = read_name(text=name)
        check_new_password(password=password, person=person)
        values = {"name": person.name, "password": make_password(password)}
    with open_account_scope(realm=realm, origin=origin, reason="accept an invitation"):
        use_link(realm=realm, link=link, now=origin.at)
        if values:
            realm.person.objects.filter(id=person.id).update(**values)
        record_act(action=Action.INVITATION_ACCEPTED, person=person, origin=origin)
    if link.tenant_id is not None:
        with tenant_context(link.tenant_id):
            accept_membership(realm=realm, person=person, origin=origin)
    return person


def request_reset(*, realm: Realm, email: str, origin: Origin) -> None:
    """Ask for a link to a new password. What happens here is the same for every address, so its time tells nothing.
    Raises TooManyAttemptsError; PersonRefusedError for what is no address.
    """
    account = read_email(text=email)
    claim_attempt(realm=realm, account=f"reset {account}", origin=origin)
    slot = int(origin.at.timestamp()) // RESET_EVERY
    details = {"address": origin.address}
    _queue(realm, Message(Kind.PASSWORD_RESET, account, f"reset:{account}:{slot}", None, details), origin)


def reset_password(*, realm: Realm, token: str, password: str, origin: Origin) -> Any:
    """Choose a new password by the link: every session ends. Raises LinkRefusedError, PasswordRefusedError."""
    link = find_link(realm=realm, purpose=Purpose.RESET, token=token, now=origin.at)
    person = link.person
    check_new_password(password=password, person=person)
    encoded = make_password(password)
    with open_account_scope(realm=realm, origin=origin, reason="reset a password"):
        use_link(realm=realm, link=link, now=origin.at)
        realm.person.objects.filter(id=person.id).update(password=encoded)
        realm.session.objects.filter(person_id=person.id).delete()
        record_act(action=Action.PASSWORD_RESET, person=person, origin=origin)
        queue_message(realm=realm, message=make_notice(kind=Kind.PASSWORD_CHANGED, person=person, origin=origin))
    return person


def request_email(*, realm: Realm, person: Any, email: str, origin: Origin) -> None:
    """Ask for another address: it counts once its owner followed the link. Raises PersonRefusedError."""
    account = read_email(text=email)
    if account == person.email:
        raise PersonRefusedError("This is your address already.")
    key = f"email:{person.id}:{account}:{origin.request_id}"
    with open_account_scope(realm=realm, origin=origin, reason="change an e-mail address"):
        queue_message(realm=realm, message=Message(Kind.EMAIL_CHANGE, account, key, person, {}))
        record_act(action=Action.EMAIL_CHANGE_REQUESTED, person=person, origin=origin)


def confirm_email(*, realm: Realm, token: str, origin: Origin) -> Any:
    """The new address is real. The old one is told. Raises LinkRefusedError."""
    link = find_link(realm=realm, purpose=Purpose.EMAIL, token=token, now=origin.at)
    person, before = link.person, link.person.email
    with open_account_scope(realm=realm, origin=origin, reason="change an e-mail address") as scope:
        use_link(realm=realm, link=link, now=origin.at)
        try:
            with transaction.atomic(using=scope.alias):
                realm.person.objects.filter(id=person.id).update(email=link.email)
        except IntegrityError as error:
            raise LinkRefusedError("This address belongs to another account.") from error
        told = Message(Kind.EMAIL_CHANGED, before, f"changed:{link.id}", person, {"address": origin.address})
        queue_message(realm=realm, message=told)
        person.email = link.email
        record_act(action=Action.EMAIL_CHANGED, person=person, origin=origin)
    return person


def _make_invitation(person: Any, role: Role, origin: Origin) -> Message:
    """To the bound tenant."""
    tenant = Tenant.objects.get(id=current_tenant())
    details = {"tenant_id": str(tenant.id), "tenant": tenant.name, "role": role.value, "by": origin.actor.label}
    key = f"invitation:{tenant.id}:{person.id}:{origin.request_id}"
    return Message(Kind.INVITATION, person.email, key, person, details)


def _queue(realm: Realm, message: Message, origin: Origin) -> None:
    with open_account_scope(realm=realm, origin=origin, reason="tell somebody by e-mail"):
        queue_message(realm=realm, message=message)


def find_invitation(*, realm: Realm, token: str, origin: Origin) -> tuple[Any, str]:
    """Link and the tenant's name, for the page that asks. Raises LinkRefusedError, also for an invitation that was
    taken back.
    """
    link = find_link(realm=realm, purpose=Purpose.INVITATION, token=token, now=origin.at)
    if link.tenant_id is not None:
        with tenant_context(link.tenant_id):
            if not is_invited(realm=realm, person_id=link.person_id):
                raise LinkRefusedError("This invitation was taken back.")
    return link, _name(link.tenant_id)


def _name(tenant_id: UUID | None) -> str:
    return Tenant.objects.get(id=tenant_id).name if tenant_id else ""
