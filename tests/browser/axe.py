"""What axe-core finds on a page: WCAG 2.2 AA and its own advice."""

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = ["color-contrast"]  # what a second theme may break; the elements are the same
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
