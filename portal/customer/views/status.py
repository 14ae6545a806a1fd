"""What a customer sees first: whether people and groups are in step, what could not be done, what to do about it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest
from portal.customer.words import explain_incident, sort_reports
from scim.queries.client_health import list_client_health
from scim.queries.resources import count_directory
from scim.queries.traffic import RANGES, Cause, read_traffic, tell_causes

DAY: Final = RANGES["24h"]


@dataclass(frozen=True)
class Incident:
    """What could not be done in the last day, how often, and when last."""

    told: str
    step: str
    count: int
    last_at: datetime


@require_safe
@member_page()
def status(request: RealmRequest) -> HttpResponse:
    now = datetime.now(UTC)
    clients = list_client_health(now=now)
    causes = tell_causes(read_traffic(chosen=DAY, now=now).rows)
    last = max((health.last.ended for health in clients if health.last), default=None)
    return draw_for_member(
        request,
        "customer/status",
        size=count_directory(),
        reports=sort_reports(clients),
        incidents=list_incidents(causes),
        last=last,
    )


def list_incidents(causes: Sequence[Cause]) -> Sequence[Incident]:
    """Causes that a customer cannot tell apart are one incident; the most frequent stands first."""
    counts: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], datetime] = {}
    for cause in causes:
        told = explain_incident(status=cause.status, scim_type=cause.scim_type)
        counts[told] += cause.count
        newest[told] = max(cause.last_at, newest.get(told, cause.last_at))
    return [Incident(*told, count, newest[told]) for told, count in counts.most_common()]
