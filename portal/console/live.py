"""Pages that renew themselves: the part that changes is asked for again and again, and answered only when it differs.

The part holds no form: a token of a form is another one each time.
"""

from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.accounts.members import describe_member
from portal.accounts.requests import RealmRequest

SEEN: Final = "seen"


def draw_live(request: RealmRequest, template: str, part: str, **context: Any) -> HttpResponse:
    """The page around the part, or what htmx asks for: the part alone, and 204 when the browser has it already."""
    known = {**describe_member(request), **context}
    drawn = render_to_string(f"{part}.html", known, request)
    seen = blake2s(drawn.encode(), digest_size=8).hexdigest()
    if request.htmx and request.GET.get(SEEN) == seen:
        return HttpResponse(status=204)
    kept = {name: value for name, value in request.GET.items() if name != SEEN}
    live = {"drawn": drawn, "again": f"{request.path}?{urlencode({**kept, SEEN: seen})}", "at": datetime.now(UTC)}
    return render(request, "console/_live.html" if request.htmx else f"{template}.html", {**known, "live": live})
