"""The directory in a browser: an operator finds out why a user is wrong, and what a viewer can't do."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tenants.models import Role
from tests.browser.operators import open_console, read_page
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")
LONG = "x" * 300


def test_lists_can_be_read_by_everybody(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    okta = Provider(tenant_id, site=site)
    ada = okta.add_user("ada@example.test", displayName="Ada Lovelace", emails=[{"value": f"{LONG}@example.test"}])
    okta.add_user("bob@example.test", displayName=LONG, active=False)
    okta.add_group("Lab", ada)
    with open_console(browser, site, tenant_id) as visitor:
        read_page(visitor.open("/console/directory?filter=userName+pr"), screenshots, "users")
        read_page(visitor.open("/console/directory/groups"), screenshots, "groups")
        read_page(visitor.open("/console/directory?text=nobody"), screenshots, "users-empty")
        page = visitor.open(f"/console/directory/users/{ada}/deactivate")
        read_page(page, screenshots, "user-act")
        page.get_by_role("button", name="Deactivate").click()
        assert page.get_by_text("The user is deactivated").is_visible()


def test_operator_finds_out_why_a_user_is_wrong(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    okta, payroll = Provider(tenant_id, site=site), Provider(tenant_id, "Payroll", site)
    lela = okta.add_user("lela@example.test", displayName="Lela Block", title="Head of Research", nickName=LONG)
    okta.add_group("Everybody", okta.add_group("Research", lela))
    payroll.replace(lela, "title", "Inter")
    okta.replace(lela, "nickName", "Lela")
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        page = visitor.open("/console/directory")
        page.get_by_label("Search", exact=True).fill("lela")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="lela@example.test").click()
        while page.get_by_role("link", name="Payroll").count() == 0:  # its request is about to be in the log
            page.reload()
        assert page.get_by_role("heading", name="Lela Block").is_visible()
        read_page(page, screenshots, "user")
        wrong = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="title"))
        assert wrong.get_by_role("cell").all_inner_texts()[0] == "Inter"
        wrong.get_by_role("link", name="Payroll").click()
        assert page.get_by_role("heading", name="Changed lela@example.test").is_visible()
        assert page.get_by_text("Payroll", exact=True).is_visible()
        page.go_back()
        page.get_by_role("listitem").filter(has_text="version 2").get_by_role("link").last.click()
        assert page.get_by_role("heading", name="Then, in version 2").is_visible()
        read_page(page, screenshots, "user-then")
        page.goto(f"{site}/console/directory/users/{lela}")
        page.get_by_role("link", name="Everybody").click()
        assert page.get_by_role("heading", name="Everybody").is_visible()
        read_page(page, screenshots, "group")
