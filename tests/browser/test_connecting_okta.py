"""Okta is connected in a browser: its recorded traffic arrives while the page waits, and the checklist follows."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.operators import open_console
from tests.idp.conversation import Conversation

pytestmark = pytest.mark.capability("accessible-pages")
OKTA = Path(__file__).parents[1] / "idp" / "cases" / "okta.json"
# All that Okta does. It asks for nothing of what we support, so "Looked around" stays open.
STEPS = ("Reached", "Token recognized", "Allowed", "First look-up", "First user", "First group")


def _play_recorded(site: str, token: str) -> list[str]:
    """What was not answered as Okta needs it, of all that the project has recorded."""
    with httpx.Client(base_url=site, timeout=30) as http:
        okta = Conversation(http, {"token": token})
        return [problem for case in json.loads(OKTA.read_text())["cases"] for problem in okta.play(case)]


def _expect_steps(panel: Locator, told: str) -> None:
    for name in STEPS:
        step = panel.get_by_role("listitem").filter(has_text=name)
        expect(step.get_by_text(told, exact=True)).to_be_attached(timeout=15_000)


def test_okta_is_connected_and_its_steps_turn_done_without_a_reload(
    browser: Browser, site: str, make_tenant: Callable[[], UUID]
) -> None:
    with open_console(browser, site, make_tenant()) as visitor:
        page = visitor.open("/console/clients")
        page.get_by_role("link", name="Connect an identity provider").click()
        page.get_by_label("Identity provider").select_option("okta")
        page.get_by_label("Name").fill("Okta production")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Make a token").click()
        token = page.locator("#token").inner_text().strip()
        page.get_by_role("link", name="I have kept it").click()
        panel = page.locator("#first-run-panel")
        _expect_steps(panel, "not yet")
        page.evaluate("window.isSamePage = true")
        assert _play_recorded(site, token) == []
        _expect_steps(panel, "done")
        expect(panel.get_by_role("heading", name="Everything has arrived")).to_be_visible()
        assert page.evaluate("window.isSamePage")
