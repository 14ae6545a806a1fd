"""Alert rules in force, what each of them reads off a SCIM client, and what they have found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.queries.client_health import ClientHealth
from scim.queries.client_states import LEAST_REQUESTS
from scim.store.alerts import Incident, RuleRow, read_newest_incidents, read_rules

__all__ = ["KINDS", "Incident", "Kind", "Reading", "RuleRow", "list_alert_rules", "list_incidents", "read_off"]
MOST_SHOWN: Final = 50


@dataclass(frozen=True)
class Kind:
    """A kind of rule: what it looks for, and how it stands where nobody changed it. `unit` is what the threshold
    counts, empty where there is none to choose.
    """

    key: str
    name: str
    about: str
    unit: str
    threshold: int
    enabled: bool


KINDS: Final[Mapping[str, Kind]] = {
    kind.key: kind
    for kind in (
        Kind("silence", "Silence", "Nothing comes for longer than the rhythm of the SCIM client allows.", "", 1, True),
        Kind("errors", "Error rate", f"Of {LEAST_REQUESTS} and more requests in an hour so many are refused or fail.",
             "percent", 20, True),
        Kind("refused", "Authentication failures", "Requests with one of its tokens are refused, and none is accepted.",
             "requests", 10, True),
        Kind("limited", "Rate limiting", "Requests come too fast and are turned away.", "requests an hour", 100, False),
        Kind("expiring", "Token expiring", "A token ends soon and was not rotated. Of that everybody is also told 30, 7"
             " and 1 days before, by e-mail and by webhook.", "days before", 7, False),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What a rule reads off: it fires, it is over, or neither, between the threshold and half of it, so that a value
    that wavers does not ring again and again.
    """

    kind: str
    scim_client_id: UUID
    subject: str
    is_firing: bool
    is_over: bool
    told: str


def list_alert_rules() -> Sequence[RuleRow]:
    """One of each kind, as the bound tenant has it."""
    with tenant_scope():
        own = {rule.kind: rule for rule in read_rules()}
    return [own.get(kind.key, RuleRow(kind.key, kind.enabled, True, kind.threshold)) for kind in KINDS.values()]


def list_incidents() -> Sequence[Incident]:
    """The bound tenant's newest."""
    with tenant_scope():
        return read_newest_incidents(limit=MOST_SHOWN)


def read_off(health: ClientHealth, *, rules: Sequence[RuleRow], now: datetime) -> Iterator[Reading]:
    """What the rules that are enabled read off one SCIM client."""
    for rule in rules:
        if not rule.enabled:
            continue
        if rule.kind == "expiring":
            yield from _read_tokens(health, rule, now)
            continue
        value, told = _measure(health, rule.kind)
        is_firing = value >= rule.threshold
        yield Reading(rule.kind, health.client.id, "", is_firing, value < rule.threshold / 2, told)


def _measure(health: ClientHealth, kind: str) -> tuple[float, str]:
    hour = health.hour
    if kind == "silence":
        return float(health.state.name == "silent"), health.state.cause
    if kind == "errors":
        rate = hour.error_rate if hour.total >= LEAST_REQUESTS else 0.0
        return rate, f"{hour.errors} of {hour.total} requests in the last hour were refused or failed."
    if kind == "refused":
        reason = health.calls[0].detail if health.calls else ""
        return len(health.calls), f"{len(health.calls)} requests with one of its tokens were refused: {reason}"
    return hour.limited, f"{hour.limited} of {hour.total} requests in the last hour came too fast."


def _read_tokens(health: ClientHealth, rule: RuleRow, now: datetime) -> Iterator[Reading]:
    for token in health.ending:
        if token.retires_at is None and token.expires_at - now <= timedelta(days=rule.threshold):
            told = f"Its token {token.prefix} ends on {token.expires_at:%Y-%m-%d}."
            yield Reading(rule.kind, health.client.id, token.prefix, is_firing=True, is_over=False, told=told)
