"""Health in a browser: both pages in every range, and a table that stays open while the page renews itself."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.services.alerts import evaluate_alerts
from tests.browser.operators import open_console, read_page
from tests.browser.test_overview_page import connect_providers
from tests.scim.logged import log_requests

pytestmark = pytest.mark.capability("accessible-pages")


def test_health_reads_well_and_keeps_its_tables_open(
    browser: Browser, site: str, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    entra = connect_providers(tenant_id)
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.page
        page.get_by_role("link", name="Health", exact=True).click()
        read_page(page, screenshots, "health")
        page.get_by_role("link", name="7 days").click()
        page.get_by_role("link", name="Entra", exact=True).click()
        page.wait_for_url(f"**/console/clients/{entra.id}/health?range=7d")
        page.get_by_text("As a table").first.click()
        read_page(page, screenshots, "client-health")
        before = page.locator("#live").get_attribute("hx-get")
        log_requests(entra, 200)
        page.wait_for_function(
            "before => document.getElementById('live').getAttribute('hx-get') !== before", arg=before, timeout=15_000
        )
        assert page.get_by_role("region", name="Requests by outcome as a table").is_visible()


def test_alerts_are_set_up_and_read_well(
    browser: Browser, site: str, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    connect_providers(tenant_id)
    with tenant_context(tenant_id):
        evaluate_alerts(origin=system_origin("test"))
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.page
        visitor.open("/console/health")
        page.get_by_role("link", name="Alerts").click()
        page.get_by_label("Error rate, percent").fill("30")
        page.get_by_role("button", name="Save the rules").click()
        page.get_by_label("Address").fill("https://hooks.example.test/alerts")
        page.get_by_role("button", name="Add a webhook").click()
        read_page(page, screenshots, "alert-secret")
        page.get_by_role("link", name="I have kept it").click()
        page.get_by_role("button", name="Send a test").click()
        assert page.get_by_text("A test goes out by 1 e-mail and 1 webhook").is_visible()
        read_page(page, screenshots, "alerts")
