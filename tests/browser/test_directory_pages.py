"""The directory in a browser: an operator finds out why a user is wrong, and what a viewer can't do."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from tests.browser.operators import open_console, read_page
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")
LONG = "x" * 300


def test_lists_can_be_read_by_everybody(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    okta = Provider(tenant_id)
    ada = okta.add_user("ada@example.test", displayName="Ada Lovelace", emails=[{"value": f"{LONG}@example.test"}])
    okta.add_user("bob@example.test", displayName=LONG, active=False)
    okta.add_group("Lab", ada)
    with open_console(browser, site, tenant_id) as visitor:
        read_page(visitor.open("/console/directory?filter=userName+pr"), screenshots, "users")
        read_page(visitor.open("/console/directory/groups"), screenshots, "groups")
        read_page(visitor.open("/console/directory?text=nobody"), screenshots, "users-empty")
