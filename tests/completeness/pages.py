"""Every page that takes a POST, with one that works and the events it has to leave. A new one is listed here, or a test
fails.
"""

import html
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pyotp
from django.test import Client
from django.urls import reverse

from audit.actions import Action
from audit.notices import Kind
from labsninja.kernel.isolation import tenant_context
from tenants.realms import CONSOLE, PORTAL
from tenants.services.accounts.links import Purpose
from tenants.services.accounts.sign_in import authenticate_by_password
from tenants.services.notifications import sign_subscription
from tenants.services.setup_links import share_setup
from tenants.services.tokens import SCOPES
from tests.completeness.alert_pages import ALERTS
from tests.completeness.desk import SYSTEM, Desk
from tests.completeness.directory_pages import DIRECTORY
from tests.completeness.schema_pages import SCHEMAS
from tests.completeness.sync_pages import SYNC
from tests.portal.provisioning import Provider, hold_people
from tests.tenants.authenticator import Authenticator
from tests.tenants.people import PASSWORD, make_session, origin_of

NEW = "a brand new password"


def _download(desk: Desk) -> Any:
    answer = desk.post("console:audit-download", {"form": "csv"})
    answer.close()
    return answer


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


def _revoke_link(desk: Desk) -> Any:
    okta = desk.okta()
    with tenant_context(desk.tenant_id):
        made = share_setup(client_id=okta.id, days=1, origin=SYSTEM)
    return desk.post("console:setup-revoke", None, okta.id, made.link.id)


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
    "sessions-end-all": (lambda desk: desk.post("accounts-console:sessions-end-all"), Action.SESSION_ENDED),
    "notices": (lambda desk: desk.post("accounts-console:notices", {"wanted": "new_device"}), Action.NOTICES_CHOSEN),
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
        f"{page}-resend": (
            lambda desk: desk.post(f"console:{page}-resend", None, desk.invited(realm).id),
            Action.INVITATION_RESENT,
        ),
        f"{page}-remove": (
            lambda desk: desk.post(f"console:{page}-remove", None, desk.colleague(realm).id),
            Action.MEMBER_REMOVED,
        ),
    }


def _restore(desk: Desk) -> Any:
    okta = Provider(desk.tenant_id)
    ada = okta.add_user("ada@example.test")
    okta.send("delete", f"/Users/{ada}")
    return desk.post("console:trash-restore", None, ada)


def _decide(desk: Desk, name: str, **data: str) -> Any:
    hold_people(Provider(desk.tenant_id), number=7)
    return desk.post(f"console:{name}", {"all": "1", **data})


LIFECYCLE = {"trash_days": "7", "breaker_count": "50", "breaker_percent": "10", "breaker_minutes": "30"}


def _replay(desk: Desk) -> Any:
    return desk.post("console:request-replay", None, desk.logged().id)


TENANT: dict[str, Deed] = {
    "request-replay": (_replay, Action.REQUEST_TRIED),
    "requests-export": (lambda desk: desk.post("console:requests-export", {"form": "jsonl"}), Action.REQUESTS_EXPORTED),
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
    "setup-share": (
        lambda desk: desk.post("console:setup-share", {"days": "7"}, desk.okta().id),
        Action.SETUP_LINK_CREATED,
    ),
    "setup-revoke": (_revoke_link, Action.SETUP_LINK_REVOKED),
    **DIRECTORY,
    **ALERTS,
    **SCHEMAS,
    **SYNC,
    "audit-download": (_download, Action.DOWNLOAD_FINISHED),
    # Kept by the browser, for nobody but who sits at it: no event.
    "shortcuts-switch": (lambda desk: desk.post("console:shortcuts-switch", {"keys": "off"}), None),
    "settings-directory": (
        lambda desk: desk.post("console:settings-directory", {"keep_members": "on"}),
        Action.TENANT_OPTIONS_CHANGED,
    ),
    "settings-lifecycle": (
        lambda desk: desk.post("console:settings-lifecycle", LIFECYCLE),
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
    "trash-restore": (_restore, Action.USER_RESTORED),
    # Each person is brought back in a transaction of their own; at the end this event tells how many.
    "holds-undo": (lambda desk: _decide(desk, "holds-undo"), Action.HOLDS_UNDONE),
    "holds-release": (lambda desk: _decide(desk, "holds-release", sure="1"), Action.HOLDS_RELEASED),
    **_member_pages(CONSOLE, "members"),
    **_member_pages(PORTAL, "customers"),
}
