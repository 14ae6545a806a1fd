"""The audit explorer in a browser: an operator searches, narrows by a click, and opens an event."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from audit.verify import BLOCK
from tenants.models import Role
from tests.audit.histories import export, record, seal
from tests.browser.operators import open_console, read_page
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")


def test_operator_finds_an_event_by_clicking(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    okta = Provider(tenant_id)
    okta.replace(okta.add_user("ada@example.test", title="Miss"), "title", "x" * 300)
    seal()
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/audit")
        read_page(page, screenshots, "audit")
        page.goto(f"{site}/console/audit")
        page.get_by_label("What these events have in common").get_by_role("link", name="Okta").click()
        page.get_by_label("What these events have in common").get_by_role("link", name="scim.user.updated").click()
        page.get_by_role("link", name="Okta changed the user ada@example.test").click()
        page.get_by_text("Proved: this text is leaf").wait_for()
        read_page(page, screenshots, "audit-event")
        read_page(visitor.open("/console/audit?q=action%3Ascim.group.deleted"), screenshots, "audit-empty")


def test_operator_verifies_the_history_and_takes_what_checks_it_offline(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    record(tenant_id, BLOCK + 30)
    seal()
    bundle = export(tenant_id)
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        page = visitor.open("/console/audit/verify")
        read_page(page, screenshots, "audit-verify")
        page.get_by_role("button", name="Verify").click()
        page.get_by_text("The history holds:").wait_for()
        read_page(page, screenshots, "audit-verified")
        with page.expect_download() as keys:
            page.get_by_role("link", name="Public keys").click()
        with page.expect_download() as verifier:
            page.get_by_role("link", name="verify.py", exact=True).click()
        folder = screenshots / "offline"
        folder.mkdir(exist_ok=True)
        keys.value.save_as(folder / "keys")
        verifier.value.save_as(folder / "verify.py")
    (folder / "bundle").write_bytes(bundle)
    command = [sys.executable, "-I", "verify.py", "bundle", "--key", "keys"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0]) == (0, "GENUINE")
