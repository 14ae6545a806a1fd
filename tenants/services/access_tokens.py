"""Access tokens of the bound tenant (RFC 6749 section 4.4): issued for a client secret, deleted after their end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, record_event
from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import ClientToken
from tenants.services.authentication import Grant
from tenants.services.token_rows import IssuedToken, Rights, insert_token, lock_client, lock_token, make_target

LIFETIME: Final = timedelta(minutes=60)
# As long as this after its end a token is told from one that never was, so that the tenant's history tells of it.
KEPT_AFTER_END: Final = timedelta(days=1)


class ScopeRefusedError(TenantsError):
    """The secret does not hold every scope that was asked for."""


def issue_access_token(*, grant: Grant, scopes: Sequence[str] | None, origin: Origin) -> IssuedToken:
    """An access token of the secret that `grant` was given for, with `scopes` or all that the secret holds.

    It lives for an hour, and no longer than the secret. Raises ScopeRefusedError; UnknownTokenError when the secret has
    ended meanwhile.
    """
    with tenant_scope():
        client = lock_client(id=grant.scim_client_id)
        secret = lock_token(prefix=grant.prefix, now=origin.at)
        if scopes is not None and set(scopes) - set(secret.scopes):
            raise ScopeRefusedError("the secret does not hold every scope that was asked for")
        narrowed = [scope for scope in secret.scopes if scopes is None or scope in scopes]
        rights = Rights(ClientToken.Kind.ACCESS, narrowed, secret.networks, secret.id)
        ends = min(origin.at + LIFETIME, secret.expires_at, secret.retires_at or secret.expires_at)
        issued = insert_token(client=client, rights=rights, origin=origin, ends=ends)
        details = {"secret": secret.prefix, "scopes": narrowed, "expires": ends.isoformat()}
        event = Event(Action.ACCESS_TOKEN_ISSUED, make_target(token=issued.token), details=details)
        record_event(event=event, origin=origin)
    return issued


def prune_access_tokens(*, now: datetime) -> int:
    """Delete those that ended more than a day ago; gives how many. Callers stand in a cross_tenant block: the role that
    serves tenants may delete no token.
    """
    with tenant_scope():
        ended = ClientToken.objects.filter(kind=ClientToken.Kind.ACCESS, expires_at__lt=now - KEPT_AFTER_END)
        deleted, _by_model = ended.delete()
    return int(deleted)
