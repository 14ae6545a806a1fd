"""Keys of the console: they lead somewhere, keep out of the way of typing, and can be turned off."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tests.browser.operators import open_console, read_page

pytestmark = pytest.mark.capability("accessible-pages")


def test_keys_lead_through_the_console(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    with tenant_context(tenant_id):
        for name in ("Entra", "Okta"):
            create_scim_client(name=name, kind=ScimClient.Kind.CUSTOM, origin=system_origin("test"))
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.page
        _await_keys(page)
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(dialog).to_be_visible()
        read_page(page, screenshots, "shortcuts")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/console/requests")
        _await_keys(page)
        page.keyboard.press("/")
        field = page.get_by_role("searchbox")
        expect(field).to_be_focused()
        page.keyboard.type("g?")
        expect(field).to_have_value("g?")
        expect(dialog).to_be_hidden()
        visitor.open("/console/clients")
        _await_keys(page)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Entra", exact=True)).to_be_visible()
        _await_keys(page)
        page.get_by_role("link", name="Keyboard shortcuts").click()
        page.get_by_label("Use these keys in this browser").uncheck()
        page.get_by_role("button", name="Close").click()
        page.keyboard.press("?")
        expect(dialog).to_be_hidden()
        visitor.open("/console/shortcuts")
        expect(page.get_by_text("Go to Requests").first).to_be_visible()


def _await_keys(page: Page) -> None:
    """Scripts run when the page has been read; whoever presses a key sooner gets nothing."""
    page.locator("html.has-keys").wait_for(state="attached")
