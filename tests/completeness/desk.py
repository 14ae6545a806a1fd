"""An owner at the console, and what their tenant has when a page is tried."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pyotp
from django.test import Client
from django.urls import reverse

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.services.request_entries import RequestEntry
from tenants.models import ClientToken, Role, ScimClient
from tenants.queries import list_tokens
from tenants.realms import CONSOLE
from tenants.services.accounts.links import Purpose, create_link
from tenants.services.accounts.memberships import add_member
from tenants.services.accounts.totp import add_totp, make_totp_secret
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.signing_in import make_member, open_session
from tests.scim.logged import log_entries
from tests.tenants.people import make_person, origin_of

SYSTEM = system_origin("test")


@dataclass
class Desk:
    """An owner of a tenant at the console, with a browser in which they have just signed in."""

    tenant_id: UUID
    client: Client = field(default_factory=Client)
    person: Any = None

    def __post_init__(self) -> None:
        self.person = make_member(CONSOLE, self.tenant_id)
        open_session(self.client, CONSOLE, self.person)
        self.client.get("/console/", follow=True)

    def post(self, name: str, data: Any = None, *values: Any) -> Any:
        return self.client.post(reverse(name, args=values), data or {})

    def link(self, purpose: Purpose, **values: Any) -> str:
        return create_link(realm=CONSOLE, purpose=purpose, person=self.person, origin=SYSTEM, **values)

    def add_app(self) -> str:
        secret = make_totp_secret()
        now = origin_of(CONSOLE, self.person)
        add_totp(realm=CONSOLE, person=self.person, secret=secret, code=pyotp.TOTP(secret).at(now.at), origin=now)
        return secret

    def okta(self) -> ScimClient:
        with tenant_context(self.tenant_id):
            return create_scim_client(name=f"Okta {uuid4()}", kind=ScimClient.Kind.OKTA, origin=SYSTEM)

    def token(self) -> ClientToken:
        with tenant_context(self.tenant_id):
            issue_token(scim_client=self.okta(), scopes=SCOPES, origin=SYSTEM)
            return list_tokens()[-1]

    def logged(self) -> RequestEntry:
        """A request of one of the tenant's SCIM clients."""
        made = RequestEntry(datetime.now(UTC), self.tenant_id, "r", "GET", "/scim/v2/Users", 200, 900)
        entry = replace(made, scim_client_id=self.okta().id)
        log_entries([entry], self.tenant_id)
        return entry

    def colleague(self, realm: Any = CONSOLE) -> Any:
        return self._add(realm, is_accepted=True)

    def invited(self, realm: Any = CONSOLE) -> Any:
        return self._add(realm, is_accepted=False)

    def _add(self, realm: Any, *, is_accepted: bool) -> Any:
        person = make_person(realm)
        with tenant_context(self.tenant_id):
            add_member(realm=realm, person=person, role=Role.VIEWER, origin=SYSTEM, is_accepted=is_accepted)
        return person
