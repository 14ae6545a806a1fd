"""Tokens and client secrets of the bound tenant: issue, rotate with overlap, revoke, retire at the overlap's end."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.notices import Kind
from audit.services import Event, record_event
from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import ClientToken, Role, ScimClient, Tenant
from tenants.realms import CONSOLE
from tenants.services.notifications import queue_for_members
from tenants.services.roles import check_role
from tenants.services.token_rows import (
    IssuedToken,
    Rights,
    UnknownTokenError,
    end_token,
    insert_token,
    lock_client,
    lock_token,
    make_target,
)

__all__ = [
    "SCOPES",
    "IssuedToken",
    "TokenRequestError",
    "UnknownTokenError",
    "check_token_request",
    "issue_secret",
    "issue_token",
    "retire_token",
    "revoke_token",
    "rotate_token",
    "warn_of_expiry",
]

SCOPES = ("scim:read", "scim:write")
DEFAULT_LIFETIME, LONGEST_LIFETIME = timedelta(days=365), timedelta(days=730)
WARNING_DAYS = (30, 7, 1)
DEFAULT_OVERLAP, LONGEST_OVERLAP = timedelta(hours=24), timedelta(days=7)


class TokenRequestError(TenantsError):
    """A token with these properties is not issued."""


def issue_token(
    *,
    scim_client: ScimClient,
    scopes: Sequence[str],
    origin: Origin,
    lifetime: timedelta = DEFAULT_LIFETIME,
    networks: Sequence[str] = (),
) -> IssuedToken:
    """A new bearer token of the bound tenant's SCIM client.

    `networks` are CIDRs it may come from; none means anywhere. Raises TokenRequestError for unknown scopes, a lifetime
    that is not within 730 days, or a malformed network.
    """
    check_token_request(scopes=scopes, lifetime=lifetime, networks=networks)
    return _issue(scim_client, Rights(ClientToken.Kind.BEARER, scopes, networks), Action.TOKEN_ISSUED, lifetime, origin)


def issue_secret(
    *,
    scim_client: ScimClient,
    scopes: Sequence[str],
    origin: Origin,
    lifetime: timedelta = DEFAULT_LIFETIME,
    networks: Sequence[str] = (),
) -> IssuedToken:
    """A new secret of the bound tenant's SCIM client, for which it fetches access tokens. As issue_token otherwise."""
    check_token_request(scopes=scopes, lifetime=lifetime, networks=networks)
    rights = Rights(ClientToken.Kind.SECRET, scopes, networks)
    return _issue(scim_client, rights, Action.SECRET_ISSUED, lifetime, origin)


def rotate_token(*, prefix: str, origin: Origin, overlap: timedelta = DEFAULT_OVERLAP) -> IssuedToken:
    """A successor with the same rights and lifetime; the old token or secret works on for `overlap`, so that nothing
    breaks.

    Raises UnknownTokenError, and TokenRequestError for an access token or an overlap beyond 7 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise TokenRequestError("an overlap is between 0 and 7 days")
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        client = lock_client(tokens__prefix=prefix)
        old = lock_token(prefix=prefix, now=origin.at)
        if old.kind == ClientToken.Kind.ACCESS:
            raise TokenRequestError("an access token is not rotated: its client fetches the next one")
        rights = Rights(ClientToken.Kind(old.kind), old.scopes, old.networks)
        ends = origin.at + (old.expires_at - old.created_at)
        issued = insert_token(client=client, rights=rights, origin=origin, ends=ends)
        old.retires_at = min(origin.at + overlap, old.retires_at or old.expires_at)
        old.save(update_fields=["retires_at"])
        details = {"successor": issued.token.prefix, "retires": old.retires_at.isoformat()}
        record_event(event=Event(Action.TOKEN_ROTATED, make_target(token=old), details=details), origin=origin)
    return issued


def revoke_token(*, prefix: str, origin: Origin) -> ClientToken:
    """Ends a token, and with a secret its access tokens; every process refuses it within 5 s. Raises
    UnknownTokenError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        token = lock_token(prefix=prefix, now=origin.at)
        return end_token(token=token, action=Action.TOKEN_REVOKED, origin=origin)


def retire_token(*, token_id: UUID, origin: Origin) -> ClientToken | None:
    """Ends a rotated token whose overlap is over; None when it has ended already or is not due."""
    with tenant_scope():
        due = ClientToken.objects.filter(id=token_id, revoked_at=None, retires_at__lte=origin.at)
        token = due.select_for_update().first()
        return token and end_token(token=token, action=Action.TOKEN_RETIRED, origin=origin)


def warn_of_expiry(*, token_id: UUID, origin: Origin) -> bool:
    """Record that a live token ends within 30, 7 or 1 days, once for each. Gives whether there was something new to
    say; of an access token there never is.
    """
    with tenant_scope():
        live = ClientToken.objects.filter(id=token_id, revoked_at=None, retires_at=None, expires_at__gt=origin.at)
        token = live.exclude(kind=ClientToken.Kind.ACCESS).select_for_update().first()
        days = min(
            (d for d in WARNING_DAYS if token and token.expires_at - origin.at <= timedelta(days=d)), default=None
        )
        if token is None or days is None or (token.warned_days is not None and token.warned_days <= days):
            return False
        token.warned_days = days
        token.save(update_fields=["warned_days"])
        details = {"days": days, "expires": token.expires_at.isoformat()}
        record_event(event=Event(Action.TOKEN_EXPIRING, make_target(token=token), details=details), origin=origin)
        _tell_of_expiry(token, days)
    return True


def _tell_of_expiry(token: ClientToken, days: int) -> None:
    """By e-mail, to whoever can rotate it."""
    told = {
        "tenant": Tenant.objects.get(id=token.tenant_id).name,
        "client": token.client_name,
        "prefix": token.prefix,
        "expires": f"{token.expires_at:%Y-%m-%d %H:%M} UTC",
    }
    key = f"token:{token.id}:{days}"
    roles = (Role.OWNER, Role.ADMIN)
    queue_for_members(realm=CONSOLE, roles=roles, kind=Kind.TOKEN_EXPIRING, key=key, details=told)


def check_token_request(
    *, scopes: Sequence[str], lifetime: timedelta = DEFAULT_LIFETIME, networks: Sequence[str] = ()
) -> None:
    """Raises TokenRequestError for what issue_token would refuse."""
    if not scopes or set(scopes) - set(SCOPES):
        raise TokenRequestError(f"scopes are one or more of {', '.join(SCOPES)}")
    if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
        raise TokenRequestError("a token lives for at most 730 days")
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise TokenRequestError(f"{network!r} is no network in CIDR form") from error


def _issue(scim_client: ScimClient, rights: Rights, action: Action, lifetime: timedelta, origin: Origin) -> IssuedToken:
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        client = lock_client(id=scim_client.id)
        issued = insert_token(client=client, rights=rights, origin=origin, ends=origin.at + lifetime)
        details = {
            "scopes": list(rights.scopes),
            "networks": list(rights.networks),
            "expires": issued.token.expires_at.isoformat(),
        }
        record_event(event=Event(action, make_target(token=issued.token), details=details), origin=origin)
    return issued
