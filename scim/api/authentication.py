"""Bearer tokens (RFC 7644 section 2, RFC 6750): who is calling, and with that which tenant is bound."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from audit.actors import Actor, ActorKind, Origin
from labsninja.kernel.edge import client_address, client_agent
from labsninja.kernel.isolation import bind_tenant
from scim.protocol.errors import ScimError
from scim.services.trials import TRIAL, Trial
from tenants.services.authentication import Grant, TokenRefusedError, authenticate_token
from tenants.services.credentials import parse_credential
from tenants.services.last_use import note_use

REALM = "LabsNinja SCIM"
SURFACE = "scim"


class UnauthenticatedError(ScimError):
    """401; `challenge` is the WWW-Authenticate header that goes with it."""

    def __init__(self, detail: str, *, challenge: str) -> None:
        super().__init__(detail, status=401)
        self.challenge = challenge


class SuspendedTenantError(ScimError):
    """403. `grant` tells whose request it was."""

    def __init__(self, grant: Grant) -> None:
        super().__init__("The tenant of this token is suspended.", status=403)
        self.grant = grant


@dataclass(frozen=True)
class Caller:
    """Who stands behind a request: what its token grants, and the origin that every service is given."""

    grant: Grant
    origin: Origin
    is_authenticated: bool = True


class TokenAuthentication(BaseAuthentication):
    """Gives the caller, or raises UnauthenticatedError; SuspendedTenantError."""

    def authenticate(self, request: Request) -> tuple[Caller, Grant] | None:
        """Bind the token's tenant for the rest of the request."""
        trial = request.META.get(TRIAL)
        if isinstance(trial, Trial):
            return Caller(trial.grant, trial.origin), trial.grant
        now, address = datetime.now(UTC), client_address(request._request)
        try:
            grant = authenticate_token(text=_read_token(request), address=address, now=now)
        except TokenRefusedError as error:
            raise _refuse("The bearer token is not valid.", "invalid_token") from error
        if grant.is_suspended:
            raise SuspendedTenantError(grant)
        bind_tenant(grant.tenant_id)
        agent = client_agent(request)
        note_use(grant=grant, at=now, address=address, user_agent=agent)
        return Caller(grant, make_origin(request, grant, now)), grant


def make_origin(request: Request, grant: Grant, now: datetime) -> Origin:
    """The SCIM client that `grant` tells of, at this request."""
    actor = Actor(ActorKind.SCIM_CLIENT, str(grant.scim_client_id), grant.client_name, grant.prefix)
    request_id: Any = request.META["labsninja.request_id"]
    return Origin(actor, SURFACE, now, request_id, client_address(request._request), client_agent(request._request))


def _read_token(request: Request) -> str:
    """The token after its scheme; one of ours is taken without a scheme, too (tolerance T57: Okta's header mode)."""
    header = request.META.get("HTTP_AUTHORIZATION", "").strip()
    if parse_credential(text=header):
        return str(header)
    scheme, _, text = header.partition(" ")
    if not scheme:
        raise _refuse("A bearer token is required.", None)
    if scheme.lower() != "bearer":
        raise _refuse("Only bearer tokens are accepted.", "invalid_request")
    return str(text).strip()


def _refuse(detail: str, error: str | None) -> UnauthenticatedError:
    challenge = f'Bearer realm="{REALM}"'
    return UnauthenticatedError(detail, challenge=f'{challenge}, error="{error}"' if error else challenge)
