"""Every page of the public site in a browser: quiet, readable for everybody, in both themes, narrow, without script."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import ALL_RULES, COLORS, find_violations, measure_overflow
from tests.browser.conftest import Visitor
from tests.portal.addresses import list_addresses

pytestmark = pytest.mark.capability("accessible-pages")

PAGES = list_addresses(pages=True)
# Pages made from the same template are told apart by their text alone: one of them is enough for a picture.
PICTURED = [page for page in PAGES if "/docs/errors/" not in page] + ["/docs/errors/uniqueness"]
Theme = Literal["light", "dark"]
THEMES: Final[Mapping[Theme, Sequence[str]]] = {"light": ALL_RULES, "dark": COLORS}


def picture(page: Page, folder: Path, address: str, look: str) -> None:
    if address in PICTURED:
        name = address.strip("/").replace("/", "-") or "home"
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)


@dataclass(frozen=True)
class Look:
    """What there was to see of one page. `narrow` and `large` are pixels that stick out to the right."""

    light: list[str]
    dark: list[str]
    narrow: int
    large: int
    complaints: list[str]


@pytest.fixture(scope="module")
def look_at(visitor: Visitor, screenshots: Path) -> Callable[[str], Look]:
    """Loads a page once, for all the tests that ask about it."""

    @cache
    def look(address: str) -> Look:
        page = visitor.open(address)
        found: dict[str, list[str]] = {}
        for theme, rules in THEMES.items():
            page.emulate_media(color_scheme=theme)
            found[theme] = find_violations(page, rules)
            picture(page, screenshots, address, theme)
        page.emulate_media(color_scheme="light")
        narrow, large = measure_overflow(page, lambda: picture(page, screenshots, address, "narrow"))
        return Look(found["light"], found["dark"], narrow, large, visitor.drain_complaints())

    return look


@pytest.mark.parametrize("address", PAGES)
def test_page_is_accessible_in_both_themes(look_at: Callable[[str], Look], address: str) -> None:
    seen = look_at(address)
    assert (seen.light, seen.dark) == ([], [])


@pytest.mark.parametrize("address", PAGES)
def test_page_gives_the_browser_nothing_to_complain_about(look_at: Callable[[str], Look], address: str) -> None:
    assert look_at(address).complaints == []


@pytest.mark.parametrize("address", PAGES)
def test_page_fits_into_320_pixels_also_with_text_twice_as_large(look_at: Callable[[str], Look], address: str) -> None:
    seen = look_at(address)
    assert (seen.narrow, seen.large) == (0, 0)


def test_no_page_sets_a_cookie(look_at: Callable[[str], Look], visitor: Visitor) -> None:
    for address in PAGES:
        look_at(address)
    assert visitor.page.context.cookies() == []


@pytest.fixture(scope="module")
def scriptless(browser: Browser, site: str) -> Iterator[Visitor]:
    with browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 700}) as context:
        yield Visitor(context.new_page(), site)


def test_every_page_is_there_without_script(scriptless: Visitor) -> None:
    for address in PAGES:
        page = scriptless.open(address)
        assert page.locator("h1").count() == 1
        assert page.locator("[data-copy]:visible").count() == 0


def test_menu_and_prices_work_without_script(scriptless: Visitor) -> None:
    page = scriptless.open("/")
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Plans").click()
    page.get_by_role("link", name="Yearly").click()
    assert page.url.endswith("/plans?billing=yearly")
    assert page.get_by_text("$100").is_visible()


def test_sample_is_copied_by_a_button(visitor: Visitor) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=visitor.site)
    page = visitor.open("/")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"curl {visitor.site}/scim/v2/Users")


def test_keyboard_reaches_the_content_first(visitor: Visitor) -> None:
    page = visitor.open("/features")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().height") > 24
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_page_of_an_error_is_accessible(visitor: Visitor, screenshots: Path) -> None:
    page = visitor.open("/nothing", status=404)
    assert find_violations(page) == []
    page.screenshot(path=screenshots / "not-found.png", full_page=True)
    only_itself = [told for told in visitor.drain_complaints() if "404" not in told]
    assert only_itself == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_of_a_persons_own_wins_over_the_systems(visitor: Visitor, theme: Theme) -> None:
    other: Theme = "dark" if theme == "light" else "light"
    page = visitor.open(f"/components?theme={theme}")
    page.emulate_media(color_scheme=other)
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == theme
    assert find_violations(page) == []


def test_page_in_colors_of_the_readers_own_is_accessible(browser: Browser, site: str) -> None:
    with browser.new_context(forced_colors="active", reduced_motion="reduce") as context:
        page = Visitor(context.new_page(), site).open("/features?status=backlog")
        assert find_violations(page) == []
        chosen = page.locator("[aria-current]", has_text="Backlog")
        assert "underline" in chosen.evaluate("(link) => getComputedStyle(link).textDecoration")


def test_part_of_a_page_is_swapped_under_the_policy(visitor: Visitor) -> None:
    page = visitor.open("/components")
    before = page.locator("#clock").inner_text()
    page.get_by_role("link", name="Refresh").click()
    page.wait_for_function("(before) => document.getElementById('clock').innerText !== before", arg=before)
    assert page.locator("h1").count() == 1
    assert page.locator("#clock").count() == 1
    assert page.evaluate("document.styleSheets.length") == 1
    assert visitor.drain_complaints() == []


def test_refused_script_would_be_noticed(visitor: Visitor) -> None:
    """The watch itself: an inline script that the policy stops is a complaint."""
    page = visitor.open("/")
    page.evaluate("document.body.setAttribute('onclick', 'window.hurt = true')")
    page.locator("body").dispatch_event("click")
    assert page.evaluate("window.hurt") is None
    assert [told for told in visitor.drain_complaints() if "script-src-attr" in told] != []
