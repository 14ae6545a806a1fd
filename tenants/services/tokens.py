"""Tokens of the bound tenant: issue, rotate with overlap, revoke, retire at the overlap's end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import ClientToken, ScimClient
from tenants.services.credentials import Credential, digest_credential, make_credential

SCOPES = ("scim:read", "scim:write")
DEFAULT_LIFETIME, LONGEST_LIFETIME = timedelta(days=365), timedelta(days=730)
WARNING_DAYS = (30, 7, 1)
DEFAULT_OVERLAP, LONGEST_OVERLAP = timedelta(hours=24), timedelta(days=7)


class TokenRequestError(TenantsError):
    """A token with these properties is not issued."""


class UnknownTokenError(TenantsError):
    """The tenant has no such token, or it has ended."""


@dataclass(frozen=True)
class IssuedToken:
    """A new token: the row, and the text that is shown this once."""

    token: ClientToken
    text: str = field(repr=False)


def issue_token(
    *,
    scim_client: ScimClient,
    scopes: Sequence[str],
    origin: Origin,
    lifetime: timedelta = DEFAULT_LIFETIME,
    networks: Sequence[str] = (),
) -> IssuedToken:
    """A new token of the bound tenant's SCIM client.

    `networks` are CIDRs it may come from; none means anywhere. Raises TokenRequestError for unknown scopes, a lifetime
    that is not within 730 days, or a malformed network.
    """
    check_token_request(scopes=scopes, lifetime=lifetime, networks=networks)
    with tenant_scope():
        client = _lock_client(id=scim_client.id)
        issued = _insert_token(client, scopes, networks, origin, origin.at + lifetime)
        details = {"scopes": list(scopes), "networks": list(networks), "expires": issued.token.expires_at.isoformat()}
        record_event(event=Event(Action.TOKEN_ISSUED, _target(issued.token), details=details), origin=origin)
    return issued


def rotate_token(*, prefix: str, origin: Origin, overlap: timedelta = DEFAULT_OVERLAP) -> IssuedToken:
    """A successor with the same rights and lifetime; the old token works on for `overlap`, so that nothing breaks.

    Raises UnknownTokenError, and TokenRequestError for an overlap beyond 7 days.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise TokenRequestError("an overlap is between 0 and 7 days")
    with tenant_scope():
        client = _lock_client(tokens__prefix=prefix)
        old = _lock_token(prefix, origin.at)
        ends = origin.at + (old.expires_at - old.created_at)
        issued = _insert_token(client, old.scopes, old.networks, origin, ends)
        old.retires_at = min(origin.at + overlap, old.retires_at or old.expires_at)
        old.save(update_fields=["retires_at"])
        details = {"successor": issued.token.prefix, "retires": old.retires_at.isoformat()}
        record_event(event=Event(Action.TOKEN_ROTATED, _target(old), details=details), origin=origin)
    return issued


def revoke_token(*, prefix: str, origin: Origin) -> ClientToken:
    """Ends a token; every process refuses it within 5 s. Raises UnknownTokenError."""
    with tenant_scope():
        token = _lock_token(prefix, origin.at)
        return _end_token(token, Action.TOKEN_REVOKED, origin)


def retire_token(*, token_id: UUID, origin: Origin) -> ClientToken | None:
    """Ends a rotated token whose overlap is over; None when it has ended already or is not due."""
    with tenant_scope():
        due = ClientToken.objects.filter(id=token_id, revoked_at=None, retires_at__lte=origin.at)
        token = due.select_for_update().first()
        return token and _end_token(token, Action.TOKEN_RETIRED, origin)


def warn_of_expiry(*, token_id: UUID, origin: Origin) -> bool:
    """Record that a live token ends within 30, 7 or 1 days, once for each. Gives whether there was something new to
    say.
    """
    with tenant_scope():
        live = ClientToken.objects.filter(id=token_id, revoked_at=None, retires_at=None, expires_at__gt=origin.at)
        token = live.select_for_update().first()
        days = min(
            (d for d in WARNING_DAYS if token and token.expires_at - origin.at <= timedelta(days=d)), default=None
        )
        if token is None or days is None or (token.warned_days is not None and token.warned_days <= days):
            return False
        token.warned_days = days
        token.save(update_fields=["warned_days"])
        details = {"days": days, "expires": token.expires_at.isoformat()}
        record_event(event=Event(Action.TOKEN_EXPIRING, _target(token), details=details), origin=origin)
    return True


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


def _lock_client(**wanted: Any) -> ScimClient:
    """The SCIM client as it stands, locked: a token that is made while options change must not keep the old ones.

    Always taken before a lock on a token. Raises UnknownTokenError.
    """
    found: ScimClient | None = ScimClient.objects.select_for_update(of=("self",)).filter(**wanted).first()
    if found is None:
        raise UnknownTokenError("the tenant has no such token or SCIM client")
    return found


def _insert_token(
    client: ScimClient, scopes: Sequence[str], networks: Sequence[str], origin: Origin, ends: datetime
) -> IssuedToken:
    credential = make_credential(environment=settings.LABSNINJA_ENVIRONMENT)
    token = ClientToken(
        scim_client_id=client.id,
        client_name=client.name,
        client_kind=client.kind,
        client_strict=client.strict,
        client_groups_enabled=client.groups_enabled,
        client_user_id=client.user_id,
        scopes=list(scopes),
        networks=list(networks),
        created_by=origin.actor.label[:200],
        expires_at=ends,
        **_secret_columns(credential),
    )
    token.save(force_insert=True)
    return IssuedToken(token, credential.text)


def _secret_columns(credential: Credential) -> dict[str, Any]:
    pepper_id, pepper = next(iter(settings.LABSNINJA_TOKEN_PEPPERS.items()))
    digest = digest_credential(credential=credential, pepper=pepper)
    return {"lookup_id": credential.lookup_id, "prefix": credential.prefix, "digest": digest, "pepper_id": pepper_id}


def _lock_token(prefix: str, now: datetime) -> ClientToken:
    live = ClientToken.objects.filter(prefix=prefix, revoked_at=None, expires_at__gt=now).exclude(retires_at__lte=now)
    found: ClientToken | None = live.select_for_update().first()
    if found is None:
        raise UnknownTokenError(f"there is no live token {prefix!r}")
    return found


def _end_token(token: ClientToken, action: Action, origin: Origin) -> ClientToken:
    token.revoked_at = origin.at
    token.save(update_fields=["revoked_at"])
    record_event(event=Event(action, _target(token)), origin=origin)
    return token


def _target(token: ClientToken) -> Target:
    return Target("Token", str(token.id), token.prefix)
