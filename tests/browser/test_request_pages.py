"""The request inspector in a browser: an operator searches, sees rows wait while reading, and follows one request."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.operators import open_console, read_page
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")
# What the page does by itself every five seconds, now.
POLL = "htmx.ajax('GET', document.getElementById('live').getAttribute('hx-get'), {target: '#live', swap: 'outerHTML'})"

WRITTEN_MS = 1_500  # the log is written every second


def _poll(page: Page) -> None:
    page.wait_for_timeout(WRITTEN_MS)
    page.evaluate(POLL)


def test_operator_follows_what_arrives_and_finds_why_a_request_was_refused(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    okta = Provider(tenant_id, site=site)
    okta.add_user("ada@example.test", active="True")
    okta.send("post", "/Users", {"userName": "ada@example.test", "title": "y" * 300})
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/requests")
        _poll(page)
        page.locator("[data-row]").nth(1).wait_for()
        page.locator("#live li").first.hover()
        okta.send("get", "/Users")
        _poll(page)
        pill = page.get_by_role("button", name="1 new")
        pill.wait_for()
        assert page.locator("[data-row]").count() == 2
        assert page.locator("[data-tail-said]").inner_text() == "1 new request"
        pill.click()
        page.locator("[data-row]").nth(2).wait_for()
        assert pill.is_hidden()
        page.mouse.move(1, 1)
        okta.send("get", "/Groups")
        page.locator("[data-row]").nth(3).wait_for(timeout=15_000)  # by itself

        page.fill("#q", "metod:POST")
        page.keyboard.press("Enter")
        page.get_by_text("did you mean method?").wait_for()
        assert page.locator("#q").get_attribute("aria-invalid") == "true"
        visitor.drain_complaints()  # a page with 422 is an error to the browser
        page.fill("#q", "method:POST status:409")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Tried to create ada@example.test").wait_for()
        read_page(page, screenshots, "requests-found")
        with page.expect_download() as file:
            page.get_by_role("button", name="CSV").click()
        assert "uniqueness" in Path(file.value.path()).read_text()

        page.get_by_role("link", name="Tried to create ada@example.test").click()
        trace = page.get_by_role("region", name="Trace")
        trace.get_by_text("failed", exact=True).wait_for(timeout=2000)
        assert trace.get_by_text("not reached").count() == 2
        page.get_by_label("Find in request").fill("YYY")
        page.get_by_text("1 of 100").wait_for()
        read_page(page, screenshots, "request-trace")
        page.get_by_role("region", name="Others about the same").get_by_role("link", name="Created ada").click()
        page.get_by_text("read as").first.wait_for()
        read_page(page, screenshots, "request-done")
