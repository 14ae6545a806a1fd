"""Rows of tokens within the open scope: locked, written, named in events. For the services of tokens alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from tenants import TenantsError
from tenants.models import ClientToken, ScimClient
from tenants.services.credentials import Credential, digest_credential, make_credential


class UnknownTokenError(TenantsError):
    """The tenant has no such token, or it has ended."""


@dataclass(frozen=True)
class IssuedToken:
    """A new token or client secret: the row, and the text that is shown this once."""

    token: ClientToken
    text: str = field(repr=False)


@dataclass(frozen=True)
class Rights:
    """What a new one may do and from where, and the secret that it was issued for, if it is an access token."""

    kind: ClientToken.Kind
    scopes: Sequence[str]
    networks: Sequence[str] = ()
    issuer_id: UUID | None = None


def lock_client(**wanted: Any) -> ScimClient:
    """The SCIM client as it stands, locked: a token that is made while options change must not keep the old ones.

    Always taken before a lock on a token. Raises UnknownTokenError.
    """
    found: ScimClient | None = ScimClient.objects.select_for_update(of=("self",)).filter(**wanted).first()
    if found is None:
        raise UnknownTokenError("the tenant has no such token or SCIM client")
    return found


def lock_token(*, prefix: str, now: datetime) -> ClientToken:
    """The live token of that public part, locked. Raises UnknownTokenError."""
    live = ClientToken.objects.filter(prefix=prefix, revoked_at=None, expires_at__gt=now).exclude(retires_at__lte=now)
    found: ClientToken | None = live.select_for_update().first()
    if found is None:
        raise UnknownTokenError(f"there is no live token {prefix!r}")
    return found


def insert_token(*, client: ScimClient, rights: Rights, origin: Origin, ends: datetime) -> IssuedToken:
    """A new one of the locked SCIM client, with the client's options as they stand."""
    credential = make_credential(environment=settings.LABSNINJA_ENVIRONMENT, kind=rights.kind)
    token = ClientToken(
        kind=rights.kind,
        issuer_id=rights.issuer_id,
        scim_client_id=client.id,
        client_name=client.name,
        client_kind=client.kind,
        client_strict=client.strict,
        client_groups_enabled=client.groups_enabled,
        client_user_id=client.user_id,
        scopes=list(rights.scopes),
        networks=list(rights.networks),
        created_by=origin.actor.label[:200],
        expires_at=ends,
        **_secret_columns(credential),
    )
    token.save(force_insert=True)
    return IssuedToken(token, credential.text)


def end_token(*, token: ClientToken, action: Action, origin: Origin) -> ClientToken:
    """The locked token is good no more, and the event says why."""
    token.revoked_at = origin.at
    token.save(update_fields=["revoked_at"])
    record_event(event=Event(action, make_target(token=token)), origin=origin)
    return token


def make_target(*, token: ClientToken) -> Target:
    """How events name it: by the public part."""
    return Target("Token", str(token.id), token.prefix)


def _secret_columns(credential: Credential) -> dict[str, Any]:
    pepper_id, pepper = next(iter(settings.LABSNINJA_TOKEN_PEPPERS.items()))
    digest = digest_credential(credential=credential, pepper=pepper)
    return {"lookup_id": credential.lookup_id, "prefix": credential.prefix, "digest": digest, "pepper_id": pepper_id}
