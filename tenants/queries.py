"""Reading tenants and tokens: plain values, complete when the scope closes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connections, models

from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import ClientToken, ScimClient, SetupLink, Tenant

MOST_LINKS = 50
SOON = timedelta(days=30)  # when the first warning goes out


class UnknownTenantError(TenantsError):
    """No tenant has this name."""


@dataclass(frozen=True)
class EndingToken:
    """A live token that ends before a moment: by expiry, or earlier because it was rotated."""

    tenant_id: UUID
    token_id: UUID
    ends_at: datetime
    is_rotated: bool
    warned_days: int | None


def find_tenant(*, slug: str) -> Tenant:
    """The tenant of that name. Raises UnknownTenantError."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise UnknownTenantError(f"there is no tenant named {slug!r}")
    return tenant


def get_tenant(*, tenant_id: UUID) -> Tenant:
    """The tenant with this id. Raises UnknownTenantError."""
    tenant = Tenant.objects.filter(id=tenant_id).first()
    if tenant is None:
        raise UnknownTenantError(f"there is no tenant {tenant_id}")
    return tenant


def find_scim_client(*, name: str) -> ScimClient | None:
    """The bound tenant's SCIM client of that name."""
    with tenant_scope():
        found: ScimClient | None = ScimClient.objects.filter(name=name).first()
    return found


@dataclass(frozen=True)
class ClientUse:
    """A SCIM client and when, of all its tokens, one was used last."""

    client: ScimClient
    last_used_at: datetime | None


# A tenant has a few clients; one that was never used comes first, for somebody has to look at it.
CLIENT_SORTS: Final[Mapping[str, Callable[[ClientUse], Any]]] = {
    "name": lambda use: use.client.name.casefold(),
    "used": lambda use: use.last_used_at.timestamp() if use.last_used_at else 0.0,
}


def list_client_uses(*, text: str = "", sort: str = "") -> Sequence[ClientUse]:
    """The bound tenant's SCIM clients with `text` in their names, oldest first or as CLIENT_SORTS says."""
    with tenant_scope():
        used = ClientToken.objects.values_list("scim_client_id").annotate(models.Max("last_used_at")).order_by()
        latest = dict(used)
        clients = ScimClient.objects.filter(name__icontains=text) if text else ScimClient.objects.all()
        uses = [ClientUse(client, latest.get(client.id)) for client in clients]
    return sorted(uses, key=CLIENT_SORTS[sort]) if sort else uses


@dataclass(frozen=True)
class ShownToken:
    """A token as people see it: `state` is live, retiring (rotated, works on for now), expired or revoked.

    `successor` is the live token that is to take the place of a retiring one. `days_left` is told of a live token that
    expires within a month.
    """

    token: ClientToken
    state: str
    successor: ClientToken | None = None
    days_left: int | None = None

    @property
    def is_replaced(self) -> bool:
        """Whether the successor has been used, and since then this one no more: the proof that it can go."""
        proof = self.successor.last_used_at if self.successor else None
        used = self.token.last_used_at
        return proof is not None and (used is None or used < proof)


@dataclass(frozen=True)
class ClientDetail:
    """A SCIM client with its tokens and secrets, live ones first, newest first."""

    client: ScimClient
    tokens: Sequence[ShownToken]


def get_client_detail(*, client_id: UUID) -> ClientDetail | None:
    """The bound tenant's SCIM client with this id."""
    now = datetime.now(UTC)
    with tenant_scope():
        client = ScimClient.objects.filter(id=client_id).first()
        if client is None:
            return None
        kept = ClientToken.objects.filter(scim_client_id=client_id).exclude(kind=ClientToken.Kind.ACCESS)
        tokens = _show_tokens(list(kept.order_by("-created_at")), now)
    return ClientDetail(client, sorted(tokens, key=lambda shown: shown.state in {"expired", "revoked"}))


def _show_tokens(tokens: Sequence[ClientToken], now: datetime) -> Sequence[ShownToken]:
    """Newest first, as given: what is to replace a retiring token is the newest live one of its kind."""
    states = [(token, tell_state(token=token, now=now)) for token in tokens]
    heirs = {token.kind: token for token, state in reversed(states) if state == "live"}
    return [
        ShownToken(token, state, heirs.get(token.kind) if state == "retiring" else None, _count_days(token, state, now))
        for token, state in states
    ]


def _count_days(token: ClientToken, state: str, now: datetime) -> int | None:
    left = token.expires_at - now
    return left.days if state == "live" and left <= SOON else None


def tell_state(*, token: ClientToken, now: datetime) -> str:
    """Whether a token is still good."""
    if token.revoked_at is not None:
        return "revoked"
    if min(token.expires_at, token.retires_at or token.expires_at) <= now:
        return "expired"
    return "live" if token.retires_at is None else "retiring"


@dataclass(frozen=True)
class ShownSetupLink:
    """A link to a set-up as operators see it: `state` is waiting, opened, expired or revoked."""

    link: SetupLink
    state: str

    @property
    def is_good(self) -> bool:
        return self.state in {"waiting", "opened"}


def list_setup_links(*, client_id: UUID) -> Sequence[ShownSetupLink]:
    """Links to the set-up of the bound tenant's SCIM client, newest first."""
    now = datetime.now(UTC)
    with tenant_scope():
        links = list(SetupLink.objects.filter(scim_client_id=client_id)[:MOST_LINKS])
    return [ShownSetupLink(link, _tell_link_state(link, now)) for link in links]


def _tell_link_state(link: SetupLink, now: datetime) -> str:
    if link.revoked_at is not None:
        return "revoked"
    if link.expires_at <= now:
        return "expired"
    return "waiting" if link.opened_at is None else "opened"


def list_tokens() -> Sequence[ClientToken]:
    """The bound tenant's bearer tokens and client secrets, oldest first."""
    with tenant_scope():
        return list(ClientToken.objects.exclude(kind=ClientToken.Kind.ACCESS))


def find_token_tenant(*, lookup_id: str) -> UUID | None:
    """The tenant a token belongs to, by its look-up id."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM tenants_find_token(%s)", [lookup_id])
        row: tuple[UUID] | None = cursor.fetchone()
    return row[0] if row else None


def list_ending_tokens(*, before: datetime) -> Sequence[EndingToken]:
    """Live tokens and secrets of all tenants that end before a moment: ids and times alone, through the look-up
    role. Access tokens end all the time and are left out.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT tenant_id, token_id, ends_at, is_rotated, warned_days FROM tenants_ending_tokens(%s)", [before]
        )
        return [EndingToken(*row) for row in cursor.fetchall()]


def list_tenants_with_ended_access_tokens(*, before: datetime) -> Sequence[UUID]:
    """Tenants with access tokens that ended before a moment, through the look-up role."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM tenants_ended_access_tokens(%s)", [before])
        return [tenant_id for (tenant_id,) in cursor.fetchall()]
