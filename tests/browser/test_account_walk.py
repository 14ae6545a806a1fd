"""A walk through signing in, in a real browser: invited, joined, an authenticator app, a passkey, step-up, signed out
everywhere. Every page on the way is read by axe in both themes, and a complaint of the browser's console fails it.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pyotp
import pytest
from django.core import mail
from django.test import override_settings
from playwright.sync_api import Browser, Page

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.realms import ADMIN, CONSOLE, PORTAL, REALMS, Realm
from tenants.services.accounts.invitations import invite_administrator, invite_member
from tenants.services.notifications import send_due_messages
from tests.browser.axe import ALL_RULES, COLORS, find_violations, measure_overflow
from tests.browser.conftest import Visitor
from tests.tenants.people import origin_of

pytestmark = pytest.mark.capability("accessible-pages")
PASSWORD = "a brand new password"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# A form that is refused, and too many of them, are answered with a status that the console tells of.
EXPECTED = re.compile(r"status of (422|429)")


@pytest.fixture
def visitor(site: str, browser: Browser) -> Iterator[Visitor]:
    """A browser of its own, at a name: a passkey belongs to a host name, and an address is none."""
    at = site.replace("127.0.0.1", "localhost")
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        made = Visitor(context.new_page(), at)
        made.watch()
        yield made
        assert [told for told in made.drain_complaints() if not EXPECTED.search(told)] == []


@pytest.fixture
def look(visitor: Visitor, screenshots: Path) -> Callable[[str], None]:
    """Reads the page that is shown: axe in both themes, nothing that sticks out at 320 pixels; leaves pictures."""

    def read(name: str) -> None:
        page = visitor.page
        assert find_violations(page, ALL_RULES) == []
        page.screenshot(path=screenshots / f"account-{name}-light.png", full_page=True)
        _show_theme(page, "dark")
        assert find_violations(page, COLORS) == []
        page.screenshot(path=screenshots / f"account-{name}-dark.png", full_page=True)
        _show_theme(page, "light")
        picture = screenshots / f"account-{name}-narrow.png"
        sticking_out = measure_overflow(page, lambda: page.screenshot(path=picture, full_page=True))
        assert (name, *sticking_out) == (name, 0, 0)

    return read


def _show_theme(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme)


def _link(realm: Realm, email: str) -> str:
    """Of the invitation, as its e-mail says it."""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        origin = origin_of(realm, later=1)
        while send_due_messages(now=origin.at, origin=origin):  # those of other tests may come first
            pass
        text = "".join(str(message.body) for message in mail.outbox if message.to == [email])
    found = re.search(r"(/\w+/invitation/\S+)", text)
    assert found
    return found.group(1)


def _invite(realm: Realm, tenant_id: UUID, email: str) -> str:
    if realm == ADMIN:
        invite_administrator(realm=realm, email=email, name="New", origin=system_origin("test"))
    else:
        with tenant_context(tenant_id):
            invite_member(realm=realm, email=email, name="New", role=Role.OWNER, origin=system_origin("test"))
    return _link(realm, email)


def _sign_in(page: Page, email: str) -> None:
    page.fill("#id_email", email)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _sign_out(visitor: Visitor, realm: Realm) -> None:
    visitor.open(f"{realm.prefix}account")
    visitor.page.locator("details summary").first.click()
    visitor.page.get_by_role("button", name="Sign out", exact=True).click()
    visitor.page.wait_for_url("**/sign-in")


def _read_secret(page: Page) -> str:
    return page.locator("figcaption code").inner_text().replace(" ", "")


def _enroll_by_app(visitor: Visitor, look: Callable[[str], None], name: str) -> pyotp.TOTP:
    page = visitor.page
    look(f"{name}-enroll")
    page.get_by_role("link", name="Set up an app").click()
    look(f"{name}-app")
    made = pyotp.TOTP(_read_secret(page))
    page.fill("#id_code", made.now())
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("button", name="Make recovery codes").click()
    look(f"{name}-codes")
    page.get_by_role("link", name="I have kept them").click()
    return made


def _add_virtual_authenticator(page: Page) -> Any:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


@pytest.mark.parametrize("realm", [CONSOLE, PORTAL], ids=lambda realm: realm.name)
def test_walk_from_an_invitation_to_signed_out_everywhere(
    visitor: Visitor, look: Callable[[str], None], make_tenant: Callable[[], UUID], realm: Realm
) -> None:
    page, name = visitor.page, realm.name
    email = f"walker.{make_tenant().hex}@example.test"
    visitor.open(_invite(realm, make_tenant(), email))
    look(f"{name}-invitation")
    page.fill("#id_name", "Walker")
    page.fill("#id_password", "short")
    page.get_by_role("button", name="Join").click()
    look(f"{name}-refused")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/sign-in")
    look(f"{name}-sign-in")
    _sign_in(page, email)
    page.wait_for_url(f"**{realm.prefix}")
    look(f"{name}-home")
    visitor.open(f"{realm.prefix}members")
    look(f"{name}-members")
    visitor.open(f"{realm.prefix}account")
    look(f"{name}-account")

    _add_virtual_authenticator(page)
    page.get_by_role("link", name="Add a passkey").click()
    look(f"{name}-passkey")
    page.fill("#id_name", "blue key")
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/account")
    assert page.get_by_text("blue key added").is_visible()

    realm.session.objects.filter(person__email=email).update(stepped_up_at=None)
    visitor.open(f"{realm.prefix}account/password")
    look(f"{name}-confirm")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/account/password")
    look(f"{name}-password")

    _sign_out(visitor, realm)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"**{realm.prefix}")
    visitor.open(f"{realm.prefix}account")
    page.get_by_role("button", name="Sign out everywhere else").click()
    look(f"{name}-signed-out-elsewhere")


def test_walk_of_an_administrator_needs_an_app_first(
    visitor: Visitor, look: Callable[[str], None], make_tenant: Callable[[], UUID]
) -> None:
    email = f"walker.{make_tenant().hex}@example.test"
    page = visitor.page
    visitor.open(_invite(ADMIN, make_tenant(), email))
    page.fill("#id_name", "Walker")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Join").click()
    _sign_in(page, email)
    made = _enroll_by_app(visitor, look, "admin")
    page.wait_for_url("**/admin/")
    _sign_out(visitor, ADMIN)
    _sign_in(page, email)
    look("admin-factor")
    ADMIN.person.objects.filter(email=email).update(totp_step=0)  # half a minute later
    page.fill("#id_code", made.now())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/admin/")


@pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))
def test_pages_of_a_stranger_are_readable(visitor: Visitor, look: Callable[[str], None], realm: Realm) -> None:
    visitor.open(f"{realm.prefix}forgot")
    look(f"{realm.name}-forgot")
    visitor.page.fill("#id_email", "nobody@example.test")
    visitor.page.get_by_role("button", name="Send me a link").click()
    look(f"{realm.name}-forgot-sent")
    visitor.page.goto(f"{visitor.site}{realm.prefix}reset/nonsense")
    visitor.complaints = [told for told in visitor.complaints if "404" not in told]
    look(f"{realm.name}-dead-link")
