"""What the holder of a set-up link may do: look at the set-up of one SCIM client, and have its token issued.

The first who confirms has the link, by a session of its own; nobody else ever opens it. Every call asks again whether
the link and its tenant still stand, so what ends them ends the session at once. Call all of it with the link's tenant
bound; who knows no secret learns nothing, and is slowed down.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

from django.db import connections

from audit.actions import Action, Outcome
from audit.actors import Actor, ActorKind, Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, current_tenant, tenant_context, tenant_scope
from tenants import TenantsError
from tenants.models import ClientToken, ScimClient, SetupLink, Tenant
from tenants.services.accounts.throttling import claim_guess, release_guess
from tenants.services.setup_links import make_client_target
from tenants.services.setup_secrets import digest_secret, generate_secret, matches_secret
from tenants.services.token_rows import IssuedToken, Rights, end_token, insert_token, lock_client, make_target
from tenants.services.tokens import DEFAULT_LIFETIME, SCOPES

AREA: Final = "setup"
HOLDER: Final = "holder of a set-up link"
LONGEST_ADDRESS, LONGEST_AGENT = 50, 500
Done = TypeVar("Done")


class Refusal(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    USED = "opened already"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "tenant suspended"


class VisitRefusedError(TenantsError):
    """The link, or the session behind it, opens nothing."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Visit:
    """A link that is good, with what it leads to."""

    link: SetupLink
    client: ScimClient
    tenant: Tenant


@dataclass(frozen=True)
class Key:
    """What is shown to come in: the secret of the link, or that of the session behind it."""

    link_id: UUID
    secret: str
    is_session: bool


def find_setup_tenant(*, link_id: UUID) -> UUID | None:
    """The tenant of a link: the one thing that its id tells."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM tenants_find_setup_link(%s)", [link_id])
        row: tuple[UUID] | None = cursor.fetchone()
    return row[0] if row else None


def refuse_unknown(*, origin: Origin) -> NoReturn:
    """An id that nobody knows is counted and told like a wrong secret. Raises VisitRefusedError,
    TooManyAttemptsError.
    """
    claim_guess(area=AREA, origin=origin)
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope():
        _record_refusal(Target("SetupLink", "", "nobody"), Refusal.UNKNOWN, origin)
    raise VisitRefusedError(Refusal.UNKNOWN)


def check_link(*, link_id: UUID, secret: str, origin: Origin) -> Visit:
    """A link that nobody has opened yet. It stays so: scanners of mail look, too. Raises VisitRefusedError,
    TooManyAttemptsError.
    """
    return _let_in(Key(link_id, secret, is_session=False), origin, lambda visit, _origin: visit)


def claim_link(*, link_id: UUID, secret: str, origin: Origin) -> tuple[Visit, str]:
    """Open the link for this browser alone; gives the secret of its session. Raises as check_link."""
    return _let_in(Key(link_id, secret, is_session=False), origin, _claim)


def check_visit(*, link_id: UUID, session: str, origin: Origin) -> Visit:
    """The visit of the browser that opened the link. Raises as check_link."""
    return _let_in(Key(link_id, session, is_session=True), origin, lambda visit, _origin: visit)


def issue_setup_token(*, link_id: UUID, session: str, origin: Origin) -> IssuedToken:
    """A token for the provider, to be shown this once. If the link has issued one before, that one ends: it was lost.
    Raises as check_link.
    """
    return _let_in(Key(link_id, session, is_session=True), origin, _issue)


def _let_in(key: Key, origin: Origin, act: Callable[[Visit, Origin], Done]) -> Done:
    claim_guess(area=AREA, origin=origin)
    with tenant_scope():
        visit = _find(key.link_id)
        refusal = _judge(visit, key, origin.at)
        genuine = Actor(ActorKind.SETUP_LINK, str(key.link_id), HOLDER)
        holder = origin if refusal is Refusal.UNKNOWN else replace(origin, actor=genuine)
        done = act(visit, holder) if refusal is None else _record_refusal(_target(visit), refusal, holder)
    if isinstance(done, Refusal):  # raised here, so that what was recorded stays
        raise VisitRefusedError(done)
    release_guess(area=AREA, origin=origin)
    return done


def _find(link_id: UUID) -> Visit:
    """Locked: of two who open it at once one is second."""
    link = SetupLink.objects.select_for_update().filter(id=link_id).first()
    if link is None:  # its SCIM client was deleted meanwhile
        raise VisitRefusedError(Refusal.UNKNOWN)
    return Visit(link, ScimClient.objects.get(id=link.scim_client_id), Tenant.objects.get(id=current_tenant()))


def _judge(visit: Visit, key: Key, now: datetime) -> Refusal | None:
    """Only who knows the secret is told what has become of the link."""
    link = visit.link
    if not matches_secret(secret=key.secret, digest=link.session_digest if key.is_session else link.digest):
        return Refusal.UNKNOWN
    if link.revoked_at is not None:
        return Refusal.REVOKED
    if link.expires_at <= now:
        return Refusal.EXPIRED
    if visit.tenant.state == Tenant.State.SUSPENDED:
        return Refusal.SUSPENDED
    return Refusal.USED if link.opened_at is not None and not key.is_session else None


def _claim(visit: Visit, origin: Origin) -> tuple[Visit, str]:
    secret, link = generate_secret(), visit.link
    link.opened_at, link.session_digest = origin.at, digest_secret(secret=secret)
    link.address, link.user_agent = origin.address[:LONGEST_ADDRESS], origin.user_agent[:LONGEST_AGENT]
    link.save(update_fields=["opened_at", "session_digest", "address", "user_agent"])
    _record(Action.SETUP_LINK_OPENED, _target(visit), origin, link=str(link.id))
    return visit, secret


def _issue(visit: Visit, origin: Origin) -> IssuedToken:
    client, link = lock_client(id=visit.client.id), visit.link
    lost = ClientToken.objects.filter(id=link.token_id, revoked_at=None).select_for_update().first()
    if lost is not None:
        end_token(token=lost, action=Action.TOKEN_REVOKED, origin=origin)
    rights = Rights(ClientToken.Kind.BEARER, SCOPES)
    issued = insert_token(client=client, rights=rights, origin=origin, ends=origin.at + DEFAULT_LIFETIME)
    link.token_id = issued.token.id
    link.save(update_fields=["token_id"])
    expires = issued.token.expires_at.isoformat()
    told: dict[str, Any] = {"scopes": [*SCOPES], "networks": [], "expires": expires, "link": str(link.id)}
    _record(Action.TOKEN_ISSUED, make_target(token=issued.token), origin, **told)
    return issued


def _record(action: Action, target: Target, origin: Origin, **details: Any) -> None:
    record_event(event=Event(action, target, details=details), origin=origin)


def _target(visit: Visit) -> Target:
    return make_client_target(client=visit.client)


def _record_refusal(target: Target, refusal: Refusal, origin: Origin) -> Refusal:
    details = {"reason": refusal.value}
    event = Event(Action.SETUP_LINK_REFUSED, target, outcome=Outcome.DENIED, details=details)
    record_event(event=event, origin=origin)
    return refusal
