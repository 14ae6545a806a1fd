"""The tenant's settings in a browser."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tenants.models import Role
from tests.browser.operators import open_console, read_page

pytestmark = pytest.mark.capability("accessible-pages")


def test_owner_changes_settings_and_a_viewer_reads_them(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/settings")
        read_page(page, screenshots, "settings")
        page.get_by_label("Names of groups are unique").uncheck()
        page.get_by_role("button", name="Save the rules for the directory").click()
        assert page.get_by_text("in force within 5 seconds").is_visible()
        assert not page.get_by_label("Names of groups are unique").is_checked()
        page.get_by_label("Hours after which a session ends").first.fill("8")
        page.get_by_role("button", name="Save how people sign in").click()
        assert page.get_by_text("counts from now on").is_visible()
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        page = visitor.open("/console/settings")
        read_page(page, screenshots, "settings-viewer")
        assert page.get_by_role("button", name="Save").count() == 0
