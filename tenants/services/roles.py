"""What a role may do is asked where it is done, within the transaction: one that was taken a moment ago is missing.

Who acts stands in the origin. Operators and customers need a role in the bound tenant; administrators, commands and the
deployment itself act without one, and whoever is not signed in, also the holder of a set-up link, may do nothing that
asks.
"""

from typing import Final
from uuid import UUID

from audit.actors import ActorKind, Origin
from tenants import TenantsError
from tenants.models import Role
from tenants.realms import CONSOLE, PORTAL

RANKS: Final = {Role.VIEWER: 0, Role.ADMIN: 1, Role.OWNER: 2}
STRANGERS: Final = frozenset({ActorKind.ANONYMOUS, ActorKind.SETUP_LINK})
MEMBERS: Final = {ActorKind.OPERATOR: CONSOLE, ActorKind.CUSTOMER: PORTAL}


class RoleRefusedError(TenantsError):
    """The role that this needs is missing; the message names it and who can give it."""


def check_role(*, origin: Origin, least: Role, is_for_customers: bool = False) -> None:
    """Customers of any role are refused unless it `is_for_customers`. Raises RoleRefusedError. Call it within the open
    scope.
    """
    actor = origin.actor
    if actor.kind == ActorKind.CUSTOMER and not is_for_customers:
        raise RoleRefusedError("This is for the operators of your organization.")
    if actor.kind not in MEMBERS:
        if actor.kind in STRANGERS:
            raise RoleRefusedError("Sign in to do this.")
        return
    membership = MEMBERS[actor.kind].membership
    own = membership.objects.filter(person_id=UUID(actor.id), accepted_at__isnull=False).first()
    if own is None or RANKS[Role(own.role)] < RANKS[least]:
        raise RoleRefusedError(f"This needs the role {least.label.lower()}; an owner can give it to you.")
