"""An operator's browser at the console, and how a page of it is read: by axe, in both themes, at 320 pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, Page

from tenants.models import Role
from tenants.realms import CONSOLE, Realm
from tenants.services.accounts.sessions import begin_session
from tests.browser.axe import ALL_RULES, COLORS, find_violations, measure_overflow
from tests.browser.conftest import Visitor
from tests.portal.signing_in import make_member
from tests.tenants.people import make_session, origin_of


@contextmanager
def open_console(
    browser: Browser, site: str, tenant_id: UUID, role: Role = Role.OWNER, realm: Realm = CONSOLE
) -> Iterator[Visitor]:
    """Somebody new with that role, who has just shown every factor and is within the tenant. No page may complain."""
    person = make_member(realm, tenant_id, role)
    session = make_session(realm)
    begin_session(session=session, person=person, factor="test", is_complete=True, origin=origin_of(realm, person))
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        cookie = {"name": realm.cookie, "value": session.session_key or "", "url": f"{site}{realm.prefix}"}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a typed dict, which this is
        visitor = Visitor(context.new_page(), site)
        visitor.watch()
        visitor.page.goto(f"{site}{realm.prefix}tenants")
        visitor.page.wait_for_url(f"**{realm.prefix}")
        yield visitor
        assert visitor.drain_complaints() == []


def read_page(page: Page, folder: Path, name: str) -> None:
    """Axe in both themes, nothing that sticks out at 320 pixels; leaves pictures."""
    assert find_violations(page, ALL_RULES) == []
    page.screenshot(path=folder / f"console-{name}-light.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    assert find_violations(page, COLORS) == []
    page.screenshot(path=folder / f"console-{name}-dark.png", full_page=True)
    page.emulate_media(color_scheme="light")
    picture = folder / f"console-{name}-narrow.png"
    assert (name, *measure_overflow(page, lambda: page.screenshot(path=picture, full_page=True))) == (name, 0, 0)
