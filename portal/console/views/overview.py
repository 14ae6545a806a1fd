"""The first page of the console: how each SCIM client does, what needs attention, what went wrong in the last day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest
from portal.console.attention import list_first_steps, list_matters
from portal.console.live import draw_live
from portal.shared.causes import explain_cause
from portal.shared.charts import Spark, draw_spark
from scim.queries.client_health import ClientHealth, list_client_health
from scim.queries.holds import count_held
from scim.queries.resources import count_directory
from scim.queries.traffic import RANGES, Cause, Tally, Traffic, read_traffic, tally, tell_causes

DAY: Final = RANGES["24h"]
MOST_CAUSES: Final = 8


@require_safe
@member_page()
def overview(request: RealmRequest) -> HttpResponse:
    now = datetime.now(UTC)
    clients, traffic, size = list_client_health(now=now), read_traffic(chosen=DAY, now=now), count_directory()
    whole = tally(traffic.rows)
    return draw_live(
        request,
        "console/overview",
        "console/_overview",
        size=size,
        clients=[(health, _draw_client(health, traffic)) for health in clients],
        whole=whole,
        sparks=_draw_whole(traffic),
        matters=list_matters(clients, now=now, held=count_held()),
        steps=list_first_steps(clients, users=size.users),
        causes=describe_causes(tell_causes(traffic.rows)[:MOST_CAUSES], clients),
    )


def describe_causes(causes: Sequence[Cause], clients: Sequence[ClientHealth]) -> Sequence[Mapping[str, Any]]:
    """Causes in words, each with the requests that it stands for."""
    names: dict[UUID, str] = {health.client.id: health.client.name for health in clients}
    told = []
    for cause in causes:
        meaning, step, code = explain_cause(status=cause.status, scim_type=cause.scim_type)
        query = urlencode({"client": cause.scim_client_id, "status": cause.status})
        told.append(
            {
                "cause": cause,
                "meaning": meaning,
                "step": step,
                "code": code,
                "client": names.get(cause.scim_client_id, ""),
                "address": f"{reverse('console:requests')}?{query}",
            }
        )
    return told


def _draw_client(health: ClientHealth, traffic: Traffic) -> Spark:
    return _draw(f"Requests of {health.client.name}", traffic.by_bin(scim_client_id=health.client.id))


def _draw_whole(traffic: Traffic) -> Mapping[str, Spark]:
    bins = traffic.by_bin()
    rates = [each.error_rate for each in bins]
    return {
        "requests": _draw("Requests", bins),
        "errors": draw_spark(title="Error rate", values=rates, span="24 hours", unit=" %"),
    }


def _draw(title: str, bins: Sequence[Tally]) -> Spark:
    return draw_spark(title=title, values=[each.total for each in bins], span="24 hours")
