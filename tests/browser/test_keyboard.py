"""The console by keys alone: the list of them, sections, rows, the search; none in a field, none once they are off."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.operators import open_console, read_page
from tests.browser.test_overview_page import connect_providers

pytestmark = pytest.mark.capability("accessible-pages")


def test_console_is_walked_by_keys(
    browser: Browser, site: str, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    connect_providers(tenant_id)
    with open_console(browser, site, tenant_id) as visitor:
        page, keys = visitor.page, visitor.page.keyboard
        _await_scripts(page)
        keys.press("?")
        dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(dialog.get_by_role("link", name="Requests")).to_be_visible()
        read_page(page, screenshots, "shortcuts-dialog")
        keys.press("Escape")
        expect(dialog).to_be_hidden()
        keys.type("gc")
        page.wait_for_url("**/console/clients")
        _await_scripts(page)
        keys.type("jjk")
        first = page.locator("main tbody tr a").first
        expect(first).to_be_focused()
        name = first.inner_text()
        keys.press("Enter")
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        _await_scripts(page)
        keys.type("gd")
        page.wait_for_url("**/console/directory")
        _await_scripts(page)
        keys.press("/")
        search = page.get_by_role("searchbox", name="Search")
        expect(search).to_be_focused()
        keys.type("gc?jk/")
        expect(search).to_have_value("gc?jk/")
        page.get_by_role("link", name="Keyboard shortcuts").click()
        read_page(page, screenshots, "shortcuts")
        page.get_by_role("button", name="Turn shortcuts off").click()
        expect(page.get_by_role("button", name="Turn shortcuts on")).to_be_visible()
        _await_scripts(page)
        keys.press("?")
        keys.type("gc")
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("button", name="Turn shortcuts on")).to_be_visible()


def _await_scripts(page: Page) -> None:
    """They run when the page has been read: a key that is pressed sooner does nothing."""
    page.wait_for_function("document.readyState === 'complete'")
