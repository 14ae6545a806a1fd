"""The portal in a browser: a customer sees at once how the connection does, and why a colleague is missing."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tenants.models import Role
from tenants.realms import PORTAL
from tests.browser.operators import open_console, read_page
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")


def test_customer_sees_why_a_colleague_is_missing(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    okta = Provider(tenant_id)
    okta.add_group("Lab", okta.add_user("ada@example.test", displayName="Ada Lovelace"))
    okta.add_user("bob@example.test", displayName="x" * 200, active=False)
    with open_console(browser, site, tenant_id, Role.VIEWER, PORTAL) as visitor:
        page = visitor.open("/portal/")
        read_page(page, screenshots, "customer-status")
        page.get_by_role("link", name="People", exact=True).first.click()
        read_page(visitor.open("/portal/people"), screenshots, "customer-people")
        page.get_by_label("Search").fill("eve")
        page.get_by_role("button", name="Search").click()
        page.get_by_text("may not be assigned to the application").wait_for()
        read_page(page, screenshots, "customer-people-empty")
        page.get_by_role("link", name="Clear the search").click()
        page.get_by_text("Ada Lovelace").wait_for()
        read_page(visitor.open("/portal/groups"), screenshots, "customer-groups")
