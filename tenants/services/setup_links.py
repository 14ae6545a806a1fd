"""Links to the set-up of a SCIM client, as operators make, send and revoke them (ADR 32).

A link is `/setup/<id>/<secret>`: the id says whose it is. What opens with it stands in `setup_visits`.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.notices import Kind
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import Role, ScimClient, SetupLink, Tenant
from tenants.realms import CONSOLE
from tenants.services.accounts.people import read_email
from tenants.services.notifications import Message, queue_message
from tenants.services.roles import check_role
from tenants.services.setup_secrets import digest_secret, generate_secret
from tenants.services.token_rows import lock_client

DAYS: Final = (1, 3, 7, 14)
MOST_OPEN: Final = 20
# After this time an ended link is history, which the audit log keeps: its row goes when the next one is made.
KEPT: Final = timedelta(days=90)


class SetupLinkError(TenantsError):
    """There cannot be such a link, or it is not there any more."""


@dataclass(frozen=True)
class SharedLink:
    """A new link; its secret is empty when it goes out by e-mail, and otherwise shown this once."""

    link: SetupLink
    secret: str = field(repr=False)


def share_setup(*, client_id: UUID, days: int, origin: Origin, email: str = "") -> SharedLink:
    """A link to the set-up of the bound tenant's SCIM client, sent to `email` if there is one.

    Raises RoleRefusedError, UnknownTokenError for a client that is not there, PersonRefusedError for what is no
    address, SetupLinkError for another number of days or too many links that are good.
    """
    if days not in DAYS:
        raise SetupLinkError("a link is good for 1, 3, 7 or 14 days")
    address, secret = read_email(text=email) if email else "", generate_secret()
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        client = lock_client(id=client_id)
        _make_room(client, origin)
        link = SetupLink(
            scim_client_id=client.id,
            digest=digest_secret(secret=secret),
            email=address,
            created_by=origin.actor.label[:200],
            expires_at=origin.at + timedelta(days=days),
        )
        link.save(force_insert=True)
        if address:
            queue_message(realm=CONSOLE, message=_make_message(link, client, origin))
        details = {"link": str(link.id), "expires": link.expires_at.isoformat(), "email": address}
        event = Event(Action.SETUP_LINK_CREATED, make_client_target(client=client), details=details)
        record_event(event=event, origin=origin)
    return SharedLink(link, "" if address else secret)


def revoke_setup_link(*, client_id: UUID, link_id: UUID, origin: Origin) -> SetupLink:
    """End a link, and with it the session of whoever has opened it, at once. A token that was issued stays: it is
    revoked like any other. Raises RoleRefusedError, SetupLinkError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        live = SetupLink.objects.filter(id=link_id, scim_client_id=client_id, revoked_at=None)
        link: SetupLink | None = live.filter(expires_at__gt=origin.at).select_for_update().first()
        if link is None:
            raise SetupLinkError("this link has ended already")
        link.revoked_at = origin.at
        link.save(update_fields=["revoked_at"])
        target = make_client_target(client=ScimClient.objects.get(id=client_id))
        event = Event(Action.SETUP_LINK_REVOKED, target, details={"link": str(link.id)})
        record_event(event=event, origin=origin)
    return link


def make_client_target(*, client: ScimClient) -> Target:
    """Events of a link tell of the SCIM client that it leads to."""
    return Target("ScimClient", str(client.id), client.name)


def _make_room(client: ScimClient, origin: Origin) -> None:
    links = SetupLink.objects.filter(scim_client_id=client.id)
    links.filter(expires_at__lt=origin.at - KEPT).delete()
    if links.filter(revoked_at=None, expires_at__gt=origin.at).count() >= MOST_OPEN:
        raise SetupLinkError(f"{MOST_OPEN} links to this set-up are good: revoke one first")


def _make_message(link: SetupLink, client: ScimClient, origin: Origin) -> Message:
    """The text and the secret are made when it is sent."""
    told = {
        "tenant_id": str(link.tenant_id),
        "link_id": str(link.id),
        "tenant": Tenant.objects.get(id=link.tenant_id).name,
        "provider": client.get_kind_display(),
        "by": origin.actor.label,
        "expires": f"{link.expires_at:%Y-%m-%d %H:%M} UTC",
    }
    return Message(Kind.SETUP_LINK, link.email, f"setup:{link.id}", None, told)
