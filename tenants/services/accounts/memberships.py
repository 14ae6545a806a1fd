"""Memberships: who belongs to a tenant and as what. What a role may do is asked here, not in a template.

The bound tenant is the one that is meant; who does it stands in the origin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from labsninja.kernel.isolation.context import active_alias
from tenants import TenantsError
from tenants.models import Role
from tenants.realms import CONSOLE, PORTAL, Realm
from tenants.services.accounts.people import UnknownPersonError
from tenants.services.roles import RoleRefusedError, check_role

FIND = {
    CONSOLE.name: "SELECT tenant_id, role, accepted_at, needs_factor FROM tenants_find_operator_memberships(%s)",
    PORTAL.name: "SELECT tenant_id, role, accepted_at, needs_factor FROM tenants_find_customer_memberships(%s)",
}


class UnknownMemberError(UnknownPersonError):
    """Nobody of this id belongs to the tenant."""


class LastOwnerError(TenantsError):
    """A tenant without an owner could be run by nobody."""


@dataclass(frozen=True)
class Membership:
    """Where a person belongs; `accepted_at` is None as long as the invitation waits, `needs_factor` the tenant's
    policy.
    """

    tenant_id: UUID
    role: Role
    accepted_at: datetime | None
    needs_factor: bool


def list_memberships(*, realm: Realm, person: Any) -> Sequence[Membership]:
    """Of all tenants, through the look-up role; those of invitations that wait too."""
    with connections[active_alias()].cursor() as cursor:
        cursor.execute(FIND[realm.name], [person.id])
        return [Membership(row[0], Role(row[1]), row[2], row[3]) for row in cursor.fetchall()]


def list_members(*, realm: Realm) -> Sequence[Any]:
    """The bound tenant's members with `person`, by e-mail."""
    with tenant_scope():
        return list(realm.membership.objects.select_related("person").order_by("person__email"))


def find_membership(*, realm: Realm, person_id: UUID) -> Any | None:
    """The person's own in the bound tenant, once it was accepted."""
    with tenant_scope():
        return realm.membership.objects.filter(person_id=person_id, accepted_at__isnull=False).first()


def check_invitation(*, realm: Realm, origin: Origin) -> None:
    """Raises RoleRefusedError for whoever may not invite to the bound tenant."""
    with tenant_scope():
        _require_for_members(realm, origin)


def add_member(*, realm: Realm, person: Any, role: Role, origin: Origin, is_accepted: bool = False) -> Any:
    """Make the person a member, or change the role that they have; whoever is invited has to accept. Raises
    RoleRefusedError, LastOwnerError.
    """
    with tenant_scope():
        _require_for_members(realm, origin)
        found = realm.membership.objects.select_for_update().filter(person_id=person.id).first()
        if found is not None:
            _set_role(realm, found, person, role, origin)
            return found
        accepted_at = origin.at if is_accepted else None
        member = realm.membership(person_id=person.id, role=role, accepted_at=accepted_at)
        member.save(force_insert=True)
        _record(Action.MEMBER_ADDED, realm, person, origin, role=role)
    return member


def change_role(*, realm: Realm, person_id: UUID, role: Role, origin: Origin) -> None:
    """Raises RoleRefusedError, LastOwnerError, UnknownPersonError."""
    with tenant_scope():
        _require_for_members(realm, origin)
        member = _find(realm, person_id)
        _set_role(realm, member, member.person, role, origin)


def remove_member(*, realm: Realm, person_id: UUID, origin: Origin) -> None:
    """The person keeps their account and what else they belong to. Raises RoleRefusedError, LastOwnerError,
    UnknownPersonError.
    """
    with tenant_scope():
        if origin.actor.id != str(person_id):  # everybody may leave
            _require_for_members(realm, origin)
        member = _find(realm, person_id)
        if member.role == Role.OWNER:
            _require_another_owner(realm, person_id)
        member.delete()
        _record(Action.MEMBER_REMOVED, realm, member.person, origin, role=member.role)


def is_invited(*, realm: Realm, person_id: UUID) -> bool:
    """Whether the person belongs to the bound tenant, or may join it: an invitation can be taken back."""
    with tenant_scope():
        return bool(realm.membership.objects.filter(person_id=person_id).exists())


def find_waiting_member(*, realm: Realm, person_id: UUID, origin: Origin) -> Any:
    """The membership of somebody who was invited and has not come yet. Raises RoleRefusedError, UnknownPersonError."""
    with tenant_scope():
        _require_for_members(realm, origin)
        member = _find(realm, person_id)
        if member.accepted_at is not None:
            raise UnknownPersonError("There is no such invitation any more.")
    return member


def accept_membership(*, realm: Realm, person: Any, origin: Origin) -> None:
    """The invited person has come. Nothing when there is no invitation any more, or it was accepted."""
    with tenant_scope():
        waiting = realm.membership.objects.filter(person_id=person.id, accepted_at__isnull=True)
        if waiting.update(accepted_at=origin.at):
            _record(Action.MEMBER_JOINED, realm, person, origin)


def enter_tenant(*, realm: Realm, session: Any, person: Any, origin: Origin) -> Any:
    """Choose the bound tenant as the one this session works in: its members see in their history who came. Gives the
    membership. Raises RoleRefusedError.
    """
    with tenant_scope():
        own = find_membership(realm=realm, person_id=person.id)
        if own is None:
            raise RoleRefusedError("You are no member of this tenant.")
        realm.session.objects.filter(id=session.row.id).update(tenant_id=current_tenant())
        _record(Action.TENANT_ENTERED, realm, person, origin, role=own.role)
    session.row.tenant_id = current_tenant()
    return own


def find_managing_role(*, realm: Realm) -> Role:
    """Operators are the owners' affair. Customers may be invited by any admin, of either side."""
    return Role.ADMIN if realm == PORTAL else Role.OWNER


def _require_for_members(realm: Realm, origin: Origin) -> None:
    check_role(origin=origin, least=find_managing_role(realm=realm), is_for_customers=realm == PORTAL)


def _find(realm: Realm, person_id: UUID) -> Any:
    found = realm.membership.objects.select_for_update(of=("self",)).select_related("person")
    member = found.filter(person_id=person_id).first()
    if member is None:
        raise UnknownMemberError("There is no such member.")
    return member


def _set_role(realm: Realm, member: Any, person: Any, role: Role, origin: Origin) -> None:
    if member.role == role:
        return
    if member.role == Role.OWNER:
        _require_another_owner(realm, person.id)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _record(Action.MEMBER_CHANGED, realm, person, origin, role=role, before=before)


def _require_another_owner(realm: Realm, person_id: UUID) -> None:
    """Locks the owners, so that two do not leave at once."""
    owners = realm.membership.objects.select_for_update().filter(role=Role.OWNER, accepted_at__isnull=False)
    if realm == CONSOLE and all(owner.person_id == person_id for owner in owners):
        raise LastOwnerError("A tenant keeps at least one owner: make somebody else an owner first.")


def _record(action: Action, realm: Realm, person: Any, origin: Origin, **details: str) -> None:
    target = Target(type(person).__name__, str(person.id), person.email)
    record_event(event=Event(action, target, details={"realm": realm.name, **details}), origin=origin)
