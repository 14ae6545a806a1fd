"""The console's first page in a browser: empty, with everything on it, renewing itself, and when that fails."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.browser.conftest import Visitor
from tests.browser.operators import open_console, read_page
from tests.scim.logged import log_requests, log_rhythm, log_strangers

pytestmark = pytest.mark.capability("accessible-pages")
SYSTEM = system_origin("test")


@pytest.fixture
def tenant_id(make_tenant: Callable[[], UUID]) -> UUID:
    return make_tenant()


@pytest.fixture
def visitor(site: str, browser: Browser, tenant_id: UUID) -> Iterator[Visitor]:
    with open_console(browser, site, tenant_id) as made:
        yield made


def connect_providers(tenant_id: UUID) -> ScimClient:
    """Entra that sends every forty minutes and makes mistakes, Okta whose token was revoked. Gives Entra."""
    with tenant_context(tenant_id):
        entra, okta = (
            create_scim_client(name=name, kind=kind, origin=SYSTEM)
            for name, kind in (("Entra", ScimClient.Kind.ENTRA), ("Okta production", ScimClient.Kind.OKTA))
        )
        issue_token(scim_client=entra, scopes=SCOPES, origin=SYSTEM, lifetime=timedelta(days=5))
        token = issue_token(scim_client=okta, scopes=SCOPES, origin=SYSTEM).token
    log_rhythm(entra, every=timedelta(minutes=40), since=timedelta(minutes=13), batches=60)
    log_requests(entra, *[409] * 7, scim_type="uniqueness")
    log_requests(entra, *[201] * 21, ms=80)
    log_strangers(token.prefix, count=4)
    return entra


def test_overview_reads_well_empty_and_full_and_renews_itself(
    visitor: Visitor, screenshots: Path, tenant_id: UUID
) -> None:
    page = visitor.page
    read_page(page, screenshots, "overview-empty")
    connect_providers(tenant_id)
    page.get_by_text("Entra is degraded", exact=True).wait_for(timeout=15_000)  # without a reload
    read_page(page, screenshots, "overview")
    assert page.get_by_text("Not updated since").is_hidden()


def test_overview_says_when_it_cannot_renew_itself(visitor: Visitor) -> None:
    page = visitor.page
    page.route("**/console/?seen=*", lambda route: route.abort())
    page.get_by_text("Not updated since").wait_for(timeout=15_000)
    assert re.search(r"Not updated since \d\d:\d\d:\d\d UTC", page.locator(".stale-note").inner_text())
    page.unroute("**/console/?seen=*")
    page.get_by_text("Not updated since").wait_for(state="hidden", timeout=15_000)
    assert visitor.drain_complaints()  # of the failure that was made, and no more afterwards


def test_hidden_tab_asks_for_nothing(visitor: Visitor) -> None:
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.wait_for_timeout(6_000)  # one turn of the polling, and some
    assert [url for url in asked if "/console/" in url] == []
    with page.expect_request("**/console/?seen=*", timeout=15_000):
        page.evaluate("delete document.hidden")
