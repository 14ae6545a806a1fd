"""A set-up that is shared: an operator makes a link, and an administrator of the customer does the rest by it."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.browser.operators import open_console, read_page

pytestmark = pytest.mark.capability("accessible-pages")


def test_administrator_without_an_account_connects_okta_by_a_link(
    browser: Browser, site: str, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    with open_console(browser, site, make_tenant()) as operator:
        desk = operator.open("/console/clients/new")
        desk.get_by_label("Name").fill("Okta production")
        desk.get_by_role("button", name="Continue").click()
        client = desk.url
        desk.get_by_role("button", name="Make a link").click()
        link = desk.locator("#setup-link").inner_text().strip()
        read_page(desk, screenshots, "setup-link")
        with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
            holder = Visitor(context.new_page(), site)
            holder.watch()
            page = holder.open(link.removeprefix(site))
            read_page(page, screenshots, "setup-confirm")
            page.get_by_role("button", name="Begin in this browser").click()
            expect(page.get_by_role("heading", name="Waiting for the first requests")).to_be_visible()
            read_page(page, screenshots, "setup-page")
            page.get_by_role("button", name="Make the token").click()
            token = page.locator("#token").inner_text().strip()
            read_page(page, screenshots, "setup-token")
            page.get_by_role("link", name="I have kept it").click()
            httpx.get(f"{site}/scim/v2/Users?count=1", headers={"authorization": f"Bearer {token}"})
            step = page.get_by_role("listitem").filter(has_text="Token recognized")
            expect(step.get_by_text("done", exact=True)).to_be_attached(timeout=15_000)
            desk.goto(client)
            shown = desk.get_by_role("list", name="Links").get_by_role("listitem")
            expect(shown).to_contain_text(re.compile(r"opened.*A token was issued", re.DOTALL))
            read_page(desk, screenshots, "setup-links")
            shown.get_by_role("button", name="Revoke").click()
            expect(page.get_by_role("heading", name="This link does not work")).to_be_visible(timeout=10_000)
            assert [told for told in holder.drain_complaints() if "410" not in told] == []
            read_page(page, screenshots, "setup-ended")
