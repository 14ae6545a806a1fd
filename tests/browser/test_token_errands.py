"""Tokens in a browser: an operator changes one under traffic, and no request of the provider is refused meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.operators import open_console
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")
PAUSE_SECONDS = 0.05
REMEMBERED_SECONDS = 5.0  # longer than any process remembers a token
LOOKS = 20


@dataclass
class Traffic:
    """What a provider sends without a pause, with the headers of the moment, and what it got for it."""

    url: str
    headers: dict[str, str]
    answers: list[int] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    def send(self) -> None:
        with httpx.Client() as http:
            while not self.ended.wait(PAUSE_SECONDS):
                self.answers.append(http.get(self.url, headers=self.headers).status_code)

    def use(self, token: str) -> None:
        self.headers = {"authorization": f"Bearer {token}"}


@contextmanager
def traffic_of(provider: Provider) -> Iterator[Traffic]:
    """The provider reads its people until the block ends; the thread has ended then too."""
    traffic = Traffic(f"{provider.site}/scim/v2/Users?count=1", dict(provider.headers))
    thread = Thread(target=traffic.send)
    thread.start()
    try:
        yield traffic
    finally:
        traffic.ended.set()
        thread.join()


def _reload_until_shown(page: Page, text: str) -> None:
    """The page of a SCIM client tells of a use that was written down a few seconds later."""
    shown = page.get_by_text(text)
    for _ in range(LOOKS):
        if shown.is_visible():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    pytest.fail(f"{text!r} was not shown after {LOOKS} looks")


def test_token_is_rotated_under_traffic_without_one_refused_request(
    browser: Browser, site: str, make_tenant: Callable[[], UUID]
) -> None:
    tenant_id = make_tenant()
    provider = Provider(tenant_id, site=site)
    with open_console(browser, site, tenant_id) as visitor, traffic_of(provider) as traffic:
        page = visitor.open("/console/clients")
        page.get_by_role("link", name="Okta", exact=True).click()
        page.get_by_role("button", name="Rotate").click()
        new = page.locator("#token").inner_text().strip()
        page.get_by_role("link", name="I have kept it").click()
        expect(page.get_by_text("revoking this one now cuts the provider off")).to_be_visible()
        page.wait_for_timeout(REMEMBERED_SECONDS * 1000)  # the old one is refused by now, did it not work on
        traffic.use(new)
        _reload_until_shown(page, "safe to revoke")
        page.get_by_role("listitem").filter(has_text="safe to revoke").get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("The token is revoked")).to_be_visible()
    assert set(traffic.answers) == {200}
    time.sleep(REMEMBERED_SECONDS)
    assert httpx.get(traffic.url, headers=provider.headers).status_code == 401
