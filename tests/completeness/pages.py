"""Every page that takes a POST, with one that works and the events it has to leave. A new one is listed here, or a test
fails.
"""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pyotp
from django.test import Client
from django.urls import reverse

from audit.actions import Action
from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.schemas.reading import read_schema, read_type_definition
from scim.protocol.schemas.representation import schema_definition
from scim.protocol.schemas.tenant import Definitions
from scim.queries import find_present_schemas
from scim.services.alert_webhooks import add_alert_webhook
from scim.services.index_builds import build_batch
from scim.services.resources import create_resource
from scim.services.schemas import define_schemas
from scim.services.writes import Writing
from scim.store.schemas import SCHEMAS as SCHEMAS_TABLE
from scim.store.schemas import TYPES as TYPES_TABLE
from scim.store.schemas import exclude_writers, keep_definitions, save_definition
from tenants.models import ClientToken, Role, ScimClient
from tenants.queries import list_tokens
from tenants.realms import CONSOLE, PORTAL
from tenants.services.accounts.links import Purpose, create_link
from tenants.services.accounts.memberships import add_member
from tenants.services.accounts.sign_in import authenticate_by_password
from tenants.services.accounts.totp import add_totp, make_totp_secret
from tenants.services.notifications import Kind, sign_subscription
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.signing_in import make_member, open_session
from tests.tenants.authenticator import Authenticator
from tests.tenants.people import PASSWORD, make_person, make_session, origin_of

NEW = "a brand new password"
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

    def colleague(self, realm: Any = CONSOLE) -> Any:
        person = make_person(realm)
        with tenant_context(self.tenant_id):
            add_member(realm=realm, person=person, role=Role.VIEWER, origin=SYSTEM, is_accepted=True)
        return person


def _by_app(desk: Desk) -> Any:
    page = desk.client.get(reverse("accounts-console:app")).content.decode()
    found = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)
    assert found
    return desk.post("accounts-console:app", {"code": pyotp.TOTP(found.group(1).replace(" ", "")).now()})


def _by_passkey(desk: Desk) -> Any:
    page = desk.client.get(reverse("accounts-console:passkey")).content.decode()
    found = re.search(r'data-passkey-create="([^"]+)"', page)
    assert found
    challenge = json.loads(html.unescape(found.group(1)))["challenge"]
    answer = Authenticator("testserver", "http://testserver").create(challenge)
    return desk.post("accounts-console:passkey", {"name": "key", "answer": answer})


def _remove_passkey(desk: Desk) -> Any:
    _by_passkey(desk)
    passkey = CONSOLE.passkey.objects.get(person_id=desk.person.id)
    return desk.post("accounts-console:passkey-remove", None, passkey.id)


def _wrong_code(desk: Desk) -> Any:
    """The second step of a browser that has given the password."""
    desk.add_app()
    session = make_session(CONSOLE)
    given = {"email": desk.person.email, "password": PASSWORD}
    authenticate_by_password(session=session, origin=origin_of(CONSOLE), **given)
    desk.client.cookies[CONSOLE.cookie] = session.session_key or ""
    return desk.post("accounts-console:factor", {"code": "000000"})


def _sign_in(desk: Desk) -> Any:
    desk.client = Client()
    return desk.post("accounts-console:sign-in", {"email": desk.person.email, "password": PASSWORD})


def _remove_app(desk: Desk) -> Any:
    desk.add_app()
    return desk.post("accounts-console:app-remove")


def _end_another(desk: Desk, name: str) -> Any:
    other = make_session(CONSOLE)
    given = {"email": desk.person.email, "password": PASSWORD}
    authenticate_by_password(session=other, origin=origin_of(CONSOLE), **given)
    values = [other.row.id] if name == "session-end" else []
    return desk.post(f"accounts-console:{name}", None, *values)


def _with_token(desk: Desk, name: str, **data: str) -> Any:
    token = desk.token()
    return desk.post(f"console:{name}", data, token.scim_client_id, token.prefix)


def _unsubscribe(desk: Desk) -> Any:
    signed = sign_subscription(realm=CONSOLE, kind=Kind.TOKEN_EXPIRING, person=desk.person)
    return desk.post("accounts-console:unsubscribe", None, signed)


def _add_webhook(desk: Desk) -> UUID:
    with tenant_context(desk.tenant_id):
        return add_alert_webhook(url="https://hooks.example.test/", origin=SYSTEM).id


TOKEN = {"scopes": " ".join(SCOPES), "days": "30", "networks": ""}
Deed = tuple[Callable[[Desk], Any], Action | None]
# Account pages are the same code in the three realms; the console stands for all of them.
ACCOUNT: dict[str, Deed] = {
    "sign-in": (_sign_in, Action.SESSION_STARTED),
    "by-passkey": (lambda desk: desk.post("accounts-console:by-passkey", {"passkey": "{}"}), Action.SIGN_IN_REFUSED),
    "factor": (_wrong_code, Action.SIGN_IN_REFUSED),
    "sign-out": (lambda desk: desk.post("accounts-console:sign-out"), Action.SESSION_ENDED),
    "confirm": (
        lambda desk: desk.post("accounts-console:confirm", {"answer": PASSWORD}),
        Action.SESSION_STEPPED_UP,
    ),
    # Whether there is such an account is found out later, by who sends the e-mail: asking is no event.
    "forgot": (lambda desk: desk.post("accounts-console:forgot", {"email": desk.person.email}), None),
    "reset": (
        lambda desk: desk.post("accounts-console:reset", {"password": NEW}, desk.link(Purpose.RESET)),
        Action.PASSWORD_RESET,
    ),
    "invitation": (
        lambda desk: desk.post("accounts-console:invitation", None, desk.link(Purpose.INVITATION)),
        Action.INVITATION_ACCEPTED,
    ),
    "email-link": (
        lambda desk: desk.post(
            "accounts-console:email-link", None, desk.link(Purpose.EMAIL, email=f"{uuid4().hex}@example.test")
        ),
        Action.EMAIL_CHANGED,
    ),
    "unsubscribe": (_unsubscribe, Action.NOTIFICATION_MUTED),
    "name": (lambda desk: desk.post("accounts-console:name", {"name": "Eve"}), Action.PERSON_RENAMED),
    "password": (lambda desk: desk.post("accounts-console:password", {"password": NEW}), Action.PASSWORD_CHANGED),
    "email": (
        lambda desk: desk.post("accounts-console:email", {"email": "eve@example.test"}),
        Action.EMAIL_CHANGE_REQUESTED,
    ),
    "app": (_by_app, Action.TOTP_ADDED),
    "app-remove": (_remove_app, Action.TOTP_REMOVED),
    "passkey": (_by_passkey, Action.PASSKEY_ADDED),
    "passkey-remove": (_remove_passkey, Action.PASSKEY_REMOVED),
    "recovery-codes": (lambda desk: desk.post("accounts-console:recovery-codes"), Action.RECOVERY_CODES_MADE),
    "session-end": (lambda desk: _end_another(desk, "session-end"), Action.SESSION_ENDED),
    "sessions-end": (lambda desk: _end_another(desk, "sessions-end"), Action.SESSION_ENDED),
}


def _member_pages(realm: Any, page: str) -> dict[str, Deed]:
    invited = {"email": f"{uuid4().hex}@example.test", "name": "New", "role": "viewer"}
    return {
        page: (lambda desk: desk.post(f"console:{page}", invited), Action.MEMBER_ADDED),
        f"{page}-policy": (
            lambda desk: desk.post(f"console:{page}-policy", {"needs_factor": "on"}),
            Action.TENANT_POLICY_CHANGED,
        ),
        f"{page}-role": (
            lambda desk: desk.post(f"console:{page}-role", {"role": "admin"}, desk.colleague(realm).id),
            Action.MEMBER_CHANGED,
        ),
        f"{page}-remove": (
            lambda desk: desk.post(f"console:{page}-remove", None, desk.colleague(realm).id),
            Action.MEMBER_REMOVED,
        ),
    }


BADGE = "urn:example:badge:2.0:User"
DEVICE = {"name": "Device", "endpoint": "/Devices", "schema": BADGE}


def _schema_form(**changes: str) -> dict[str, str]:
    """A schema of one attribute as the console's form sends it."""
    rows = {"attributes-TOTAL_FORMS": "1", "attributes-0-name": "office", "attributes-0-type": "string"}
    return {"id": BADGE, "name": "Badge", "do": "save", **rows, **changes}


def _with_schema(desk: Desk, name: str, data: Any, *values: str) -> Any:
    """The post to the page, where the tenant has a schema and a resource type of it: from before, without an event."""
    definition = schema_definition(read_schema({"id": BADGE, "name": "Badge", "attributes": [{"name": "office"}]}))
    with tenant_context(desk.tenant_id), tenant_scope():
        exclude_writers()
        after = Definitions().with_schema(read_schema(definition))
        save_definition(table=SCHEMAS_TABLE, name=BADGE, definition=definition, at=SYSTEM.at)
        if name != "type-new":
            after = after.with_type(read_type_definition(DEVICE))
            save_definition(table=TYPES_TABLE, name="Device", definition=after.types[0].as_json, at=SYSTEM.at)
        keep_definitions(after)
    return desk.post(f"console:{name}", data, *values)


def _retry_index(desk: Desk) -> Any:
    """The post to the page, where two groups have one value of what is to be unique."""
    with tenant_context(desk.tenant_id):
        definition = {"id": BADGE, "name": "Badge", "attributes": [{"name": "office"}]}
        define_schemas(definitions=[definition], extends=["User"], origin=SYSTEM)
        writing = Writing(find_present_schemas().resource_types[0], SYSTEM, Reading(STRICT))
        for name in ("ada", "eve"):
            create_resource(body={"schemas": [urns.USER], "userName": name, BADGE: {"office": "x"}}, writing=writing)
        attributes = [{"name": "office", "uniqueness": "server"}]
        define_schemas(definitions=[{**definition, "attributes": attributes}], extends=["User"], origin=SYSTEM)
        while build_batch(origin=SYSTEM):
            pass
    return desk.post("console:indexes-retry")


SCHEMAS: dict[str, Deed] = {
    "schema-new": (lambda desk: desk.post("console:schema-new", _schema_form()), Action.SCHEMA_DEFINED),
    "schema-edit": (
        lambda desk: _with_schema(desk, "schema-edit", _schema_form(name="Other"), BADGE),
        Action.SCHEMA_DEFINED,
    ),
    "type-new": (lambda desk: _with_schema(desk, "type-new", DEVICE), Action.SCHEMA_DEFINED),
    "type-edit": (lambda desk: _with_schema(desk, "type-edit", DEVICE, "Device"), Action.SCHEMA_DEFINED),
    "schema-remove": (lambda desk: _with_schema(desk, "schema-remove", {}, "Device"), Action.SCHEMA_REMOVED),
    "indexes-retry": (_retry_index, Action.INDEX_RESTARTED),
}
TENANT: dict[str, Deed] = {
    "tenants": (lambda desk: desk.post("console:tenants", {"tenant": str(desk.tenant_id)}), Action.TENANT_ENTERED),
    "client-new": (
        lambda desk: desk.post("console:client-new", {"kind": "okta", "name": "Okta"}),
        Action.CLIENT_CREATED,
    ),
    "client-options": (
        lambda desk: desk.post("console:client-options", {"strict": "on"}, desk.okta().id),
        Action.CLIENT_OPTIONS_CHANGED,
    ),
    "token-issue": (lambda desk: desk.post("console:token-issue", TOKEN, desk.okta().id), Action.TOKEN_ISSUED),
    "token-rotate": (lambda desk: _with_token(desk, "token-rotate", overlap="1"), Action.TOKEN_ROTATED),
    "token-revoke": (lambda desk: _with_token(desk, "token-revoke"), Action.TOKEN_REVOKED),
    **SCHEMAS,
    "alerts-rules": (
        lambda desk: desk.post(
            "console:alerts-rules",
            {"errors_threshold": "5", "refused_threshold": "9", "limited_threshold": "1", "expiring_threshold": "7"},
        ),
        Action.ALERT_RULES_CHANGED,
    ),
    "alerts-test": (lambda desk: desk.post("console:alerts-test"), Action.ALERT_TESTED),
    "alerts-webhook-add": (
        lambda desk: desk.post("console:alerts-webhook-add", {"url": "https://hooks.example.test/"}),
        Action.STREAM_CREATED,
    ),
    "alerts-webhook-resume": (
        lambda desk: desk.post("console:alerts-webhook-resume", None, _add_webhook(desk)),
        Action.STREAM_RESUMED,
    ),
    "alerts-webhook-remove": (
        lambda desk: desk.post("console:alerts-webhook-remove", None, _add_webhook(desk)),
        Action.STREAM_REMOVED,
    ),
    "settings-directory": (
        lambda desk: desk.post("console:settings-directory", {"keep_members": "on"}),
        Action.TENANT_OPTIONS_CHANGED,
    ),
    "settings-tolerance": (
        lambda desk: desk.post("console:settings-tolerance", {"strict": str(desk.okta().id)}),
        Action.CLIENT_OPTIONS_CHANGED,
    ),
    "settings-sign-in": (
        lambda desk: desk.post("console:settings-sign-in", {"customers_need_factor": "on"}),
        Action.TENANT_POLICY_CHANGED,
    ),
    **_member_pages(CONSOLE, "members"),
    **_member_pages(PORTAL, "customers"),
}
