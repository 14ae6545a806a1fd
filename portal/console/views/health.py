"""How requests fare, of the whole tenant or of one SCIM client, over an hour up to a month."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from audit.actions import Action
from audit.models import AuditEvent
from audit.presenters import describe_event
from audit.queries import LATE_SECONDS, list_events_by_action, measure_seal_lag
from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest
from portal.console.health_charts import draw_charts
from portal.console.live import draw_live
from portal.console.views.overview import describe_causes
from scim.queries import client_states, rhythm
from scim.queries.client_health import ClientHealth, list_client_health
from scim.queries.traffic import RANGES, Tally, Traffic, read_traffic, tally, tell_causes
from tenants.queries import list_tokens

DEFAULT: Final = "24h"
MOST_NOTES: Final = 20
# What may explain a turn of a line: people who changed what a provider meets.
NOTED: Final = (
    Action.TOKEN_ISSUED,
    Action.SECRET_ISSUED,
    Action.TOKEN_ROTATED,
    Action.TOKEN_REVOKED,
    Action.TOKEN_RETIRED,
    Action.CLIENT_CREATED,
    Action.CLIENT_OPTIONS_CHANGED,
    Action.SCHEMA_DEFINED,
    Action.SCHEMA_REMOVED,
    Action.TENANT_OPTIONS_CHANGED,
    Action.TENANT_SUSPENDED,
    Action.TENANT_RESUMED,
    Action.TENANT_PLAN_CHANGED,
)
OF_CLIENTS: Final = NOTED[:7]


@require_safe
@member_page()
def health(request: RealmRequest) -> HttpResponse:
    return _show(request, list_client_health(), None)


@require_safe
@member_page()
def client_health(request: RealmRequest, client_id: UUID) -> HttpResponse:
    found = list_client_health(scim_client_id=client_id)
    if not found:
        raise Http404
    return _show(request, found, found[0])


def _show(request: RealmRequest, clients: Sequence[ClientHealth], one: ClientHealth | None) -> HttpResponse:
    chosen = RANGES.get(request.GET.get("range", ""), RANGES[DEFAULT])
    now, client_id = datetime.now(UTC), one.client.id if one else None
    traffic = read_traffic(chosen=chosen, now=now, scim_client_id=client_id)
    before = read_traffic(chosen=chosen, now=now - chosen.span, scim_client_id=client_id)
    events = _find_events(traffic, one)
    return draw_live(
        request,
        "console/health",
        "console/_health",
        ranges=RANGES.values(),
        chosen=chosen,
        one=one,
        clients=clients,
        **_count(traffic, before),
        seal=_tell_seal_lag(),
        charts=draw_charts(traffic, chosen=chosen, events=events, scim_client_id=client_id),
        notes=[describe_event(event) for event in reversed(events)],
        causes=describe_causes(tell_causes(traffic.rows), clients),
        rules=_list_rules(),
    )


def _count(traffic: Traffic, before: Traffic) -> dict[str, Any]:
    whole, earlier = tally(traffic.rows), tally(before.rows)
    return {"whole": whole, "change": _compare(whole, earlier)}


def _compare(whole: Tally, earlier: Tally) -> str:
    if not earlier.total:
        return "nothing in the time before"
    change = round(100 * (whole.total - earlier.total) / earlier.total)
    return "as many as in the time before" if not change else f"{change:+d} % against the time before"


def _find_events(traffic: Traffic, one: ClientHealth | None) -> Sequence[AuditEvent]:
    """Of one SCIM client: what was done to it and its tokens, and to the whole tenant."""
    found = list_events_by_action(actions=NOTED, since=traffic.bins[0], most=MOST_NOTES)
    if one is None:
        return found
    own = {str(one.client.id), *(str(token.id) for token in list_tokens() if token.scim_client_id == one.client.id)}
    return [event for event in found if event.action not in OF_CLIENTS or event.target_id in own]


def _tell_seal_lag() -> str:
    try:
        lag = measure_seal_lag()
    except DatabaseError:
        return "unknown"
    return "within seconds" if lag < LATE_SECONDS else f"{rhythm.tell_span(timedelta(seconds=lag))} late"


def _list_rules() -> Sequence[tuple[str, str]]:
    """The thresholds, as the code has them."""
    least, share = client_states.LEAST_REQUESTS, client_states.ERROR_SHARE
    refused, limited = client_states.REFUSED_CALLS, client_states.LIMITED_SHARE
    return (
        ("Never", "Not one of its requests was ever accepted."),
        (
            "Degraded",
            (
                f"{refused} or more requests with one of its tokens, all refused; or, of {least} and more in the last"
                f" hour, {share} % and more refused or failed, or {limited} % and more turned away by the rate limit."
            ),
        ),
        (
            "Silent",
            (
                f"Nothing for {rhythm.MISSED} times its usual pause where it has one, for one and a half times its"
                " longest pause where it sends when something changes, for 7 days while its rhythm is not known."
            ),
        ),
        ("Receiving", f"Its requests come, and fewer than {rhythm.LEAST_GAPS} pauses are known to tell its rhythm."),
        ("Healthy", "Otherwise."),
    )
