"""The status page: this deployment's own health at this moment, and nothing that was not measured."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.shared.caching import cached_page

# A look costs a statement and a ping; ten seconds of caching bound what many readers cost.
MAX_AGE: Final = 10
TONES: Final = {"ok": "good", "unknown": "", "late": "warn"}
# What each check is for, in the words of who depends on it.
COMPONENTS: Final = (
    ("database", "Directory", "PostgreSQL, with the migrations of this release: SCIM requests and sign-in need it."),
    ("redis", "Queue", "Redis wakes the sync workers. Without it SCIM goes on and sync waits."),
    ("sealing", "Audit sealing", "Events get their proof within seconds. Late means: recorded, not yet sealed."),
)
SENTENCES: Final = {
    "ready": ("good", "Everything works."),
    "degraded": ("warn", "SCIM requests are served. Something beside them does not work."),
    "not ready": ("bad", "SCIM requests cannot be served at the moment."),
}


@cached_page(MAX_AGE)
def status(request: HttpRequest, collect_health: Callable[[], dict[str, Any]]) -> HttpResponse:
    """Always 200: it tells of health; `/readyz` answers with it."""
    health = collect_health()
    tone, sentence = SENTENCES[health["status"]]
    components = [
        {"name": name, "about": about, "state": state, "tone": TONES.get(state, "bad")}
        for key, name, about in COMPONENTS
        for state in (health["checks"].get(key, "unknown"),)
    ]
    context = {
        "tone": tone,
        "sentence": sentence,
        "components": components,
        "lag": health["seal_lag_seconds"],
        "at": datetime.now(UTC),
    }
    return render(request, "public/status.html", context)
