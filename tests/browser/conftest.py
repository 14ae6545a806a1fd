"""The site as a process of its own, and a page that remembers whatever a browser complains about."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.labsninja.processes import served

# Tells of what the policy refused, also where the console stays silent. A script of the browser's own, not the page's.
WATCH_POLICY = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refusedByPolicy.push(`${event.effectiveDirective} ${event.blockedURI} line ${event.lineNumber}`);
});
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Instead of pytest-playwright's, which lives as long as the session, and whose browser would be downloaded.

    Playwright keeps an event loop running in this thread, in which Django would refuse the database, and has other
    connections to it than outside: they end with the browser, or the test database could not be dropped.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        launched = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield launched
        launched.close()
        connections.close_all()


@pytest.fixture(scope="module")
def site(migrated_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Root of the site, served by the product's own web process with collected static files."""
    with served(log=tmp_path_factory.mktemp("web") / "log", LABSNINJA_COMPONENTS_PAGE="true") as client:
        yield str(client.base_url).rstrip("/")


@dataclass
class Visitor:
    """A page in one browser context for all addresses, and what went wrong since it was last asked."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str, *, status: int = 200) -> Page:
        answer = self.page.goto(f"{self.site}{address}")
        assert answer is not None
        assert answer.status == status
        return self.page

    def drain_complaints(self) -> list[str]:
        """Console errors and warnings, failed and foreign requests, refusals by the policy; then begins anew."""
        found = [*self.complaints, *self.page.evaluate("window.refusedByPolicy ?? []")]
        self.complaints.clear()
        return found

    def watch(self) -> None:
        self.page.add_init_script(WATCH_POLICY)
        self.page.on("console", lambda told: self._complain(told.type, told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._complain_of_failure)
        self.page.on("request", self._check_origin)

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(f"{kind}: {text}")

    def _complain_of_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the icon of a page that was left meanwhile
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _check_origin(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", "data:")):
            self.complaints.append(f"foreign: {request.url}")


@pytest.fixture(scope="module")
def visitor(site: str, browser: Browser) -> Iterator[Visitor]:
    """Without motion: a color halfway to another one has no contrast to speak of."""
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        made = Visitor(context.new_page(), site)
        made.watch()
        yield made


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """A folder that git ignores, for people to look at."""
    folder = Path(__file__).parent / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
