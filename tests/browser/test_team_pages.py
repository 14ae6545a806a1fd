"""The team and what a person is told, in a browser."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tenants.models import Role
from tests.browser.operators import open_console, read_page

pytestmark = pytest.mark.capability("accessible-pages")


def test_owner_invites_sends_again_and_takes_back(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/members")
        page.fill("#id_email", f"new.{tenant_id.hex}@example.test")
        page.fill("#id_name", "Newcomer")
        page.get_by_role("button", name="Send the invitation").click()
        page.get_by_role("heading", name="Invited, and not here yet").wait_for()
        read_page(page, screenshots, "team")
        page.get_by_role("button", name="Send again the invitation of Newcomer").click()
        page.get_by_text("The invitation is sent again.").wait_for()
        page.get_by_role("button", name="Take back the invitation of Newcomer").click()
        page.get_by_text("The member is removed.").wait_for()
        assert page.get_by_role("heading", name="Invited, and not here yet").count() == 0
        visitor.open("/console/account/notices")
        read_page(page, screenshots, "notices")
        page.get_by_label("E-mail: You signed in from a new place.").uncheck()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The next e-mails go by it.").wait_for()
        assert not page.get_by_label("E-mail: You signed in from a new place.").is_checked()
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        read_page(visitor.open("/console/members"), screenshots, "team-viewer")
