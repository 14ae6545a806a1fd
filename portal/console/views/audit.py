"""The audit explorer: the history searched, with what the events have in common; one event with all there is to it; and
what was found as a file.
"""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.actions import Outcome
from audit.export.downloads import FORMS, write_download
from audit.personal import tell_event
from audit.presenters import describe_event
from audit.queries import find_event
from audit.reading.conditions import SearchTooSlowError
from audit.reading.contents import tell_content
from audit.reading.pages import CursorError, read_page
from audit.reading.summaries import count_events, list_facets
from audit.reading.syntax import Field, Query, QuerySyntaxError, parse_query
from audit.standing import prove_standing
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.audit_charts import draw_histogram, list_choices
from portal.console.audit_terms import link, make_term
from portal.shared.files import send_written_file
from tenants.models import Role

TOO_SLOW: Final = "This search takes too long. Narrow it by a time, as in from:2026-11-01, or by a qualifier."
HELP: Final = (
    ("actor:okta", "who acted: a name, an id, or a kind such as operator"),
    ("action:scim.user.*", "what was done; a star stands for all of an area"),
    ("outcome:denied", f"one of {', '.join(Outcome)}"),
    ("target:ada@example.com", "on whom or what: a name or an id"),
    ("type:User", "the kind of what it was done to"),
    ("address:192.0.2.*", "from where"),
    ("surface:console", "by which way: scim, console, portal, admin, command, ledger"),
    ("request:… token:…", "the id of a request, the prefix of a token"),
    ("from:2026-11-01 to:2026-11-05", "when, in UTC; a day as an end is meant whole"),
    ('-outcome:done "ada lovelace"', "a minus takes away; words are sought in every event"),
)
SUFFIXES: Final = {"csv": "csv", "jsonl": "jsonl", "ocsf": "ocsf.jsonl", "cloudevents": "cloudevents.jsonl"}


@require_safe
@member_page()
def events(request: RealmRequest) -> HttpResponse:
    """A page of what the search finds, the newest first. The address holds all of it."""
    text = " ".join(request.GET.get("q", "").split())
    try:
        found, error = _search(request, parse_query(text), text), ""
    except QuerySyntaxError as refused:
        found, error = {}, f"{str(refused)[:1].upper()}{str(refused)[1:]}."
    except SearchTooSlowError:
        found, error = {}, TOO_SLOW
    except CursorError:
        return HttpResponseRedirect(f"{request.path}{link(text)}")
    context: dict[str, Any] = {"text": text, "error": error, "help": HELP, "forms": SUFFIXES, **found}
    return draw_for_member(request, "console/audit", status=422 if error else 200, **context)


@require_safe
@member_page()
def event(request: RealmRequest, event_id: UUID) -> HttpResponse:
    found = find_event(event_id=event_id)
    if found is None:
        raise Http404
    told = tell_event(found)
    return draw_for_member(
        request,
        "console/audit_event",
        event=found,
        told=told,
        sentence=describe_event(found),
        details=json.dumps(told["details"], indent=2, ensure_ascii=False) if told["details"] else "",
        raw=json.dumps(json.loads(found.canonical), indent=2, ensure_ascii=False),
        proved=prove_standing(event_id=found.id, canonical=found.canonical),
        pivots=_list_pivots(told),
    )


@require_POST
@member_page(least=Role.ADMIN)
def download(request: RealmRequest) -> HttpResponse:
    """Written to a file first, so that any size takes the same memory and a search that fails is told on the page."""
    form, text = request.POST.get("form", ""), request.POST.get("q", "")
    if form not in FORMS:
        raise Http404
    with ExitStack() as opened:
        file = opened.enter_context(TemporaryFile())
        try:
            write_download(file=file, form=form, text=text, origin=make_origin(request))
        except (QuerySyntaxError, SearchTooSlowError):
            return HttpResponseRedirect(f"{reverse('console:audit')}{link(text)}")
        opened.pop_all()  # the response closes it when it has been sent
    return send_written_file(file=file, name=f"audit-{request.tenant.slug}.{SUFFIXES[form]}")


def _search(request: RealmRequest, query: Query, text: str) -> dict[str, Any]:
    after, before = request.GET.get("after"), request.GET.get("before")
    page = read_page(query=query, after=after, before=before)
    facets = list_facets(query=query)
    return {
        "rows": [(content, tell_content(content)) for content in page.contents],
        "older": link(text, after=page.older) if page.older else "",
        "newer": link(text, before=page.newer) if page.newer else "",
        "count": count_events(query=query),
        "facets": list_choices(facets, text),
        "facets_are_whole": facets.is_whole,
        "chart": draw_histogram(query, text, now=datetime.now(UTC)),
    }


def _list_pivots(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Where else to look: the same actor, object, request, address, action."""
    actor, target, origin = told["actor"], told["target"], told["origin"]
    asked = (
        ("this actor", Field.ACTOR, actor["id"] or actor["label"]),
        ("this object", Field.TARGET, target["id"]),
        ("this request", Field.REQUEST, origin["request"]),
        ("this address", Field.ADDRESS, origin["address"]),
        ("this token", Field.TOKEN, actor.get("token", "")),
        ("this action", Field.ACTION, told["action"]),
    )
    place = reverse("console:audit")
    return [(name, f"{place}{link(make_term(field, value))}") for name, field, value in asked if value]
