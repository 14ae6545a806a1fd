"""The demo tenant of a first start: two identity providers, their people and some weeks of history to look at, and a
token to send requests with before anything is configured.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit.actors import system_origin
from labsninja.demo.history import tell_history
from labsninja.demo.people import ENTRA, OKTA
from labsninja.demo.player import Player, first_monday
from labsninja.kernel.isolation import tenant_context
from labsninja.provisioning import provision, scim_base_url
from tenants import TenantsError
from tenants.models import ScimClient
from tenants.plans import Plan
from tenants.queries import find_scim_client, find_tenant
from tenants.services.authentication import Grant, authenticate_token
from tenants.services.tokens import SCOPES

TENANT = "acme"


@dataclass(frozen=True)
class DemoClient:
    """A SCIM client of the demo tenant. Its token is kept in a private file of the home's secrets."""

    name: str
    kind: ScimClient.Kind
    file: str


CLIENTS = {
    OKTA: DemoClient("Okta", ScimClient.Kind.OKTA, "demo_token"),
    ENTRA: DemoClient("Entra ID", ScimClient.Kind.ENTRA, "demo_token_entra"),
}


def ensure_demo(*, home: Path) -> str:
    """The token of the demo tenant's Okta; tenant, tokens and history are made as far as they are not there yet."""
    tokens = {source: _ensure_token(client, home / "secrets" / client.file) for source, client in CLIENTS.items()}
    grants = {source: _find_grant(token) for source, token in tokens.items()}
    tenant = find_tenant(slug=TENANT)
    with tenant_context(tenant.id):
        clients = {source: find_scim_client(name=client.name) for source, client in CLIENTS.items()}
        Player(
            {source: client for source, client in clients.items() if client},
            {source: grant.prefix for source, grant in grants.items() if grant},
            first_monday(tenant.created_at),
            scim_base_url(),
        ).play(tell_history())
    return tokens[OKTA]


def _ensure_token(client: DemoClient, file: Path) -> str:
    """The kept token while it is valid, since the database knows only digests; else a new one."""
    kept = file.read_text().strip() if file.exists() else ""
    if kept and _find_grant(kept):
        return kept
    origin = system_origin("demo")
    made = provision(
        slug=TENANT,
        kind=client.kind,
        client_name=client.name,
        scopes=SCOPES,
        plan=Plan.UNLIMITED,
        origin=origin,
    )
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(made["token"] + "\n")
    return made["token"]


def _find_grant(text: str) -> Grant | None:
    try:
        grant = authenticate_token(text=text, address="127.0.0.1", now=datetime.now(UTC))
    except TenantsError:
        return None
    return grant if grant.tenant_slug == TENANT else None
