"""The console in a browser: an operator connects an identity provider and watches its first requests arrive."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser

from scim.services.request_log import flush_requests
from tenants.realms import CONSOLE
from tenants.services.accounts.sessions import begin_session
from tests.browser.axe import ALL_RULES, COLORS, find_violations, measure_overflow
from tests.browser.conftest import Visitor
from tests.portal.signing_in import make_member
from tests.tenants.people import make_session, origin_of

pytestmark = pytest.mark.capability("accessible-pages")
USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@example.test", "active": "True"}


@pytest.fixture
def visitor(site: str, browser: Browser, make_tenant: Callable[[], UUID]) -> Iterator[Visitor]:
    """The browser of an operator who has just shown every factor."""
    person = make_member(CONSOLE, make_tenant())
    session = make_session(CONSOLE)
    begin_session(session=session, person=person, factor="test", is_complete=True, origin=origin_of(CONSOLE, person))
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        cookie = {"name": CONSOLE.cookie, "value": session.session_key or "", "url": f"{site}/console/"}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a typed dict, which this is
        made = Visitor(context.new_page(), site)
        made.watch()
        yield made
        assert made.drain_complaints() == []


@pytest.fixture
def look(visitor: Visitor, screenshots: Path) -> Callable[[str], None]:
    """Reads the page that is shown: axe in both themes, nothing that sticks out at 320 pixels; leaves pictures."""

    def read(name: str) -> None:
        page = visitor.page
        assert find_violations(page, ALL_RULES) == []
        page.screenshot(path=screenshots / f"console-{name}-light.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        assert find_violations(page, COLORS) == []
        page.screenshot(path=screenshots / f"console-{name}-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")
        picture = screenshots / f"console-{name}-narrow.png"
        sticking_out = measure_overflow(page, lambda: page.screenshot(path=picture, full_page=True))
        assert (name, *sticking_out) == (name, 0, 0)

    return read


def test_operator_connects_a_provider_and_sees_its_first_requests(
    visitor: Visitor, look: Callable[[str], None]
) -> None:
    page = visitor.page
    visitor.open("/console/clients")
    page.goto(f"{visitor.site}/console/")
    page.wait_for_url("**/console/")
    visitor.open("/console/clients")
    look("clients-empty")
    page.get_by_role("link", name="Connect an identity provider").click()
    look("client-new")
    page.fill("#id_name", "Okta production")
    page.get_by_role("button", name="Continue").click()
    look("client")
    page.get_by_role("button", name="Make a token").click()
    look("token")
    token = page.locator("#token").inner_text().strip()
    page.get_by_role("link", name="I have kept it").click()
    assert token not in page.content()

    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{visitor.site}/scim/v2", headers=headers) as provider:
        assert provider.get("/Users", params={"filter": 'userName eq "ada@example.test"'}).status_code == 200
        assert provider.post("/Users", json=USER).status_code == 201
        assert provider.post("/Users", json=USER).status_code == 409
    done = page.locator("#first-run-panel li", has_text="First user").locator("text=done")
    done.wait_for(state="attached", timeout=15_000)  # without a reload
    look("first-run")

    visitor.open("/console/requests")
    page.get_by_role("link", name="Created ada@example.test").click()
    assert page.get_by_text("A boolean came as text. It was taken all the same").is_visible()
    flush_requests(at_once=True)


def test_requests_are_searched_without_script(visitor: Visitor, browser: Browser) -> None:
    visitor.open("/console/")
    state = visitor.page.context.storage_state()
    with browser.new_context(java_script_enabled=False, storage_state=state) as context:
        page = context.new_page()
        page.goto(f"{visitor.site}/console/requests")
        page.fill("#q", "nowhere")
        page.get_by_role("button", name="Search").click()
        assert page.get_by_text("Nothing like this").is_visible()
        assert page.get_by_role("link", name="Clear the search").is_visible()
        assert page.get_by_role("link", name="Look again").is_visible()
