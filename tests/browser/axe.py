"""What axe-core finds on a page: WCAG 2.2 AA and its own advice. And what sticks out of a narrow one."""

from collections.abc import Callable, Sequence
from typing import Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = ["color-contrast"]  # what a second theme may break; the elements are the same
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 320, "height": 700}  # a phone, or a desktop at 400 %
TWICE_NARROW: Final[ViewportSize] = {"width": 640, "height": 900}
AXE = """async ([rules, preload]) => {
  const found = await axe.run({runOnly: rules, resultTypes: ["violations"], preload});
  return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 200)}`));
}"""


def find_violations(page: Page, rules: Sequence[str] = ALL_RULES, *, has_imports: bool = False) -> list[str]:
    """What breaks WCAG 2.2 AA or axe's own advice, in the theme that is shown.

    Of a page whose style sheets import others (`has_imports`) axe reads none itself: it would fetch those under a wrong
    address and write a style element, which the policy refuses.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    return [str(told) for told in page.evaluate(AXE, [list(rules), not has_imports])]


def measure_overflow(page: Page, picture: Callable[[], object] = lambda: None) -> tuple[int, int]:
    """Pixels that stick out to the right at 320 pixels, where `picture` is called, and with text twice as large."""
    page.set_viewport_size(NARROW)
    narrow = int(page.evaluate(OVERFLOW))
    picture()
    page.set_viewport_size(TWICE_NARROW)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    large = int(page.evaluate(OVERFLOW))
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(DESKTOP)
    return narrow, large
