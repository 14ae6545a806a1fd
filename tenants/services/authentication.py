"""Whose token or client secret is this? One indexed look-up through the owner's function, and for tokens a memory of at
most 4 s per process.

The memory is keyed by a hash of the token, never by the token. Its age bounds how long a revocation or suspension
takes to reach every process (5 s are promised). Secrets are not remembered: they are shown once an hour.
"""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections

from tenants import TenantsError
from tenants.models import ClientToken, ScimClient, Tenant
from tenants.services.credentials import Credential, matches_digest, parse_credential
from tenants.services.tokens import SCOPES

MEMORY_SECONDS, MEMORY_ENTRIES = 4.0, 10_000

COLUMNS = (
    *("tenant_id", "token_id", "scim_client_id", "client_name", "scopes", "networks", "ends_at", "revoked_at"),
    *("client_kind", "strict", "groups_enabled", "user_id", "issuer_id", "tenant_slug", "tenant_state", "plan"),
    *("unique_group_names", "keep_members", "strict_members", "revive_deleted"),
)
FIND = """
SELECT f.digest, f.pepper_id, f.tenant_id, f.token_id, f.scim_client_id, f.client_name, f.scopes, f.networks, f.ends_at,
       f.revoked_at, f.client_kind, f.client_strict, f.client_groups_enabled, f.client_user_id, f.issuer_id,
       t.slug, t.state, t.plan, t.unique_group_names, t.keep_members, t.strict_members, t.revive_deleted
FROM tenants_find_token(%s) f JOIN tenants_tenant t ON t.id = f.tenant_id
"""


class Refusal(StrEnum):
    """Why a token was refused. For the log and the audit history; the answer does not tell them apart."""

    MALFORMED = "malformed"
    KIND = "not for this use"
    UNKNOWN = "unknown"
    CLIENT = "of another client"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NETWORK = "foreign network"


class TokenRefusedError(TenantsError):
    """The token opens nothing. `grant` is there when the token was genuine, so that the tenant's audit can tell."""

    def __init__(self, refusal: Refusal, grant: "Grant | None" = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.grant = grant


@dataclass(frozen=True)
class Grant:
    """What a genuine token stands for, with the options of its SCIM client and tenant (at most 4 s old)."""

    tenant_id: UUID
    token_id: UUID
    scim_client_id: UUID
    client_name: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    ends_at: datetime
    revoked_at: datetime | None
    client_kind: str
    strict: bool
    groups_enabled: bool
    user_id: UUID | None
    issuer_id: UUID | None
    tenant_slug: str
    tenant_state: str
    plan: str
    unique_group_names: bool
    keep_members: bool
    strict_members: bool
    revive_deleted: bool
    prefix: str

    @property
    def is_suspended(self) -> bool:
        """Whether the tenant is suspended: authenticated, but served nothing."""
        return self.tenant_state == Tenant.State.SUSPENDED

    @property
    def budget_id(self) -> UUID:
        """Whose requests are counted as one: a secret's are those of its access tokens."""
        return self.issuer_id or self.token_id


_memory: dict[bytes, tuple[float, Grant]] = {}


def authenticate_token(*, text: str, address: str, now: datetime) -> Grant:
    """The grant of a bearer or access token presented from `address`. Raises TokenRefusedError."""
    credential = _parse(text, {ClientToken.Kind.BEARER, ClientToken.Kind.ACCESS})
    return _let_in(_recall(credential) or _remember(credential), address, now)


def authenticate_client(*, client_id: str, secret: str, address: str, now: datetime) -> Grant:
    """The grant of a SCIM client's secret presented from `address`. Raises TokenRefusedError.

    The secret alone is looked up, and whether it is this client's is asked of what was found: a client id, known or
    not, here or in another tenant, costs and tells the same.
    """
    grant = _look_up(_parse(secret, {ClientToken.Kind.SECRET}))
    if not hmac.compare_digest(client_id.encode(), str(grant.scim_client_id).encode()):
        raise TokenRefusedError(Refusal.CLIENT, grant)
    return _let_in(grant, address, now)


def make_trial_grant(*, scim_client: ScimClient, prefix: str) -> Grant:
    """What a token of the bound tenant's SCIM client with all rights stands for today, for a request that is tried and
    undone: its own token may have ended meanwhile. In the open scope.
    """
    tenant = Tenant.objects.get(id=scim_client.tenant_id)
    return Grant(
        tenant_id=tenant.id,
        token_id=scim_client.id,
        scim_client_id=scim_client.id,
        client_name=scim_client.name,
        scopes=SCOPES,
        networks=(),
        ends_at=datetime.max.replace(tzinfo=UTC),
        revoked_at=None,
        client_kind=scim_client.kind,
        strict=scim_client.strict,
        groups_enabled=scim_client.groups_enabled,
        user_id=scim_client.user_id,
        issuer_id=None,
        tenant_slug=tenant.slug,
        tenant_state=tenant.state,
        plan=tenant.plan,
        unique_group_names=tenant.unique_group_names,
        keep_members=tenant.keep_members,
        strict_members=tenant.strict_members,
        revive_deleted=tenant.revive_deleted,
        prefix=prefix,
    )


def forget_grants() -> None:
    """Empty this process's memory of tokens."""
    _memory.clear()


def _parse(text: str, kinds: set[ClientToken.Kind]) -> Credential:
    credential = parse_credential(text=text)
    if credential is None:
        raise TokenRefusedError(Refusal.MALFORMED)
    if credential.kind not in kinds:
        raise TokenRefusedError(Refusal.KIND)
    return credential


def _recall(credential: Credential) -> Grant | None:
    remembered = _memory.get(_memory_key(credential))
    return remembered[1] if remembered and remembered[0] > time.monotonic() else None


def _remember(credential: Credential) -> Grant:
    until = time.monotonic() + MEMORY_SECONDS  # from before the look-up, so that its own duration counts
    grant = _look_up(credential)
    if len(_memory) >= MEMORY_ENTRIES:
        _memory.clear()
    _memory[_memory_key(credential)] = (until, grant)
    return grant


def _look_up(credential: Credential) -> Grant:
    with connections["default"].cursor() as cursor:
        cursor.execute(FIND, [credential.lookup_id])
        row = cursor.fetchone()
    digest, pepper_id = (bytes(row[0]), row[1]) if row else (b"", "")
    genuine = matches_digest(
        credential=credential, digest=digest, pepper_id=pepper_id, peppers=settings.LABSNINJA_TOKEN_PEPPERS
    )
    if not genuine:
        raise TokenRefusedError(Refusal.UNKNOWN)
    return _read_grant(row[2:], credential.prefix)


def _read_grant(row: Sequence[Any], prefix: str) -> Grant:
    named: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    return Grant(**{**named, "scopes": tuple(named["scopes"]), "networks": tuple(named["networks"])}, prefix=prefix)


def _memory_key(credential: Credential) -> bytes:
    return hashlib.sha256(credential.text.encode()).digest()


def _let_in(grant: Grant, address: str, now: datetime) -> Grant:
    refusal = _find_refusal(grant, address, now)
    if refusal is not None:
        raise TokenRefusedError(refusal, grant)
    return grant


def _find_refusal(grant: Grant, address: str, now: datetime) -> Refusal | None:
    if grant.revoked_at is not None:
        return Refusal.REVOKED
    if grant.ends_at <= now:
        return Refusal.EXPIRED
    if grant.networks and not _is_inside(address, grant.networks):
        return Refusal.NETWORK
    return None


def _is_inside(address: str, networks: tuple[str, ...]) -> bool:
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    return any(caller in ip_network(network) for network in networks)
