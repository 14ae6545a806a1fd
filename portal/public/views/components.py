"""Every component on one page, for developers: only where LABSNINJA_COMPONENTS_PAGE is set."""

from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from portal.shared.charts import Series, draw_chart
from portal.shared.htmx import HtmxHttpRequest, render_page

THEMES: Final = {"light": "lnj-light", "dark": "lnj-dark"}
# fmt: off  # rows of numbers
HOURS: Final = tuple(f"{hour:02}:00" for hour in range(24))
GOOD: Final = (
    38,
    41,
    35,
    52,
    60,
    84,
    120,
    166,
    231,
    290,
    318,
    344,
    352,
    340,
    310,
    298,
    270,
    231,
    190,
    142,
    98,
    71,
    55,
    43,
)
BAD: Final = (0, 0, 0, 0, 0, 1, 0, 2, 3, 1, 0, 4, 72, 110, 58, 12, 3, 1, 0, 0, 0, 0, 0, 0)
P50: Final = (38, 36, 41, 35, 39, 40, 44, 42, 46, 43, 41, 45, 52, 58, 51, 44, 42, 43, 40, 39, 41, 38, 37, 39)
P95: Final = (
    121,
    110,
    134,
    118,
    126,
    109,
    141,
    132,
    150,
    128,
    119,
    137,
    208,
    291,
    187,
    140,
    126,
    131,
    118,
    124,
    112,
    129,
    117,
    122,
)
# fmt: on


@require_safe
def gallery(request: HtmxHttpRequest) -> HttpResponse:
    """`?theme=light` or `dark` overrides what the system prefers, as a person's setting will."""
    if not settings.LABSNINJA_COMPONENTS_PAGE:
        raise Http404
    bars = draw_chart(
        title="Requests", kind="bar", labels=HOURS, series=(Series("2xx", GOOD), Series("4xx and 5xx", BAD, 2))
    )
    lines = draw_chart(
        title="Latency", kind="line", labels=HOURS, series=(Series("p50", P50), Series("p95", P95, 3)), unit=" ms"
    )
    context = {
        "theme": THEMES.get(request.GET.get("theme", ""), ""),
        "bars": bars,
        "lines": lines,
        "now": datetime.now(UTC),
    }
    return render_page(request, "public/components.html", "#clock", context)
