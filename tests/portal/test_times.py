"""Moments on the pages: how each form of them reads, and that no page makes its own."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.templatetags.times import ago, day, exact

AT = datetime(2026, 11, 26, 14, 3, 12, tzinfo=UTC)
# The inspector's rows have the exact moment in columns of their own; a live part says itself as of when it is.
OWN = {"_requests.html", "request.html"}


def test_moment_is_told_with_the_exact_one_beside_it() -> None:
    told = ago(datetime.now(UTC) - timedelta(minutes=3, seconds=1))
    moment = r"[\d: -]+ UTC"
    shown = rf'<time datetime="[^"]+\+00:00" title="{moment}">3 minutes ago<span class="sr-only"> \({moment}\)</span>'
    assert re.search(shown, told)
    assert "2 days from now" in ago(datetime.now(UTC) + timedelta(days=2, seconds=5))
    assert exact(AT) == '<time datetime="2026-11-26T14:03:12+00:00">2026-11-26 14:03:12 UTC</time>'
    assert day(AT) == '<time datetime="2026-11-26T14:03:12+00:00" title="2026-11-26 14:03:12 UTC">2026-11-26</time>'
    assert (ago(None), exact(None), day(None)) == ("", "", "")


def test_no_page_of_the_console_makes_its_own_moments_and_empty_lists() -> None:
    folder = Path(__file__).parents[2] / "templates"
    pages = [
        page for part in ("console", "accounts") for page in (folder / part).glob("*.html") if page.name not in OWN
    ]
    own = re.compile(r"\|timesince|<time|\|date:\"Y-m-d(?! ?\\T)[ H:is]*\"|text-center text-muted")
    assert [f"{page.name}: {found}" for page in sorted(pages) for found in own.findall(page.read_text())] == []
