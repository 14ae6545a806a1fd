"""Alerts: rules that people change, and a duty of the ledger that looks, opens an incident once, and says when it is
over.

What is told goes into the audit history, from which a stream of notices carries it on by webhook (ADR 30), and by
e-mail to owners and admins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

import uuid_utils.compat

from audit.actions import Action
from audit.actors import Origin, system_origin
from audit.notices import Kind
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from scim.queries.alerts import KINDS, Incident, Reading, RuleRow, list_alert_rules, read_off
from scim.queries.client_health import ClientHealth, list_client_health
from scim.queries.rhythm import tell_span
from scim.services.rounds import Rounds
from scim.store.alerts import close_incident, insert_incident, read_open_incidents, write_rule
from tenants import TenantsError
from tenants.models import Role, Tenant
from tenants.realms import CONSOLE
from tenants.services.notifications import queue_for_members
from tenants.services.roles import check_role

ROUND: Final = timedelta(minutes=1)
TOLD_BY_EMAIL: Final = frozenset({Role.OWNER, Role.ADMIN})
THRESHOLDS: Final = (1, 1_000_000)


class AlertRuleError(TenantsError):
    """The rule cannot be like this."""


def change_alert_rules(*, rules: Sequence[RuleRow], origin: Origin) -> None:
    """Set rules of the bound tenant. Raises RoleRefusedError, AlertRuleError."""
    for rule in rules:
        if rule.kind not in KINDS or not THRESHOLDS[0] <= rule.threshold <= THRESHOLDS[1]:
            raise AlertRuleError("A threshold is a whole number between 1 and 1,000,000.")
    known = {rule.kind: rule for rule in list_alert_rules()}
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        changes = [change for rule in rules for change in _compare(known[rule.kind], rule)]
        if changes:
            for rule in rules:
                write_rule(rule=rule)
            record_event(event=Event(Action.ALERT_RULES_CHANGED, _tenant_target(), changes=changes), origin=origin)


def send_test_alert(*, origin: Origin) -> int:
    """Have everybody told who would be told of an alert; gives to how many an e-mail goes. Raises RoleRefusedError."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        record_event(event=Event(Action.ALERT_TESTED, _tenant_target()), origin=origin)
        told = "This is a test: nothing is wrong. Real alerts come the same way."
        details = {"title": "Test of your alerts", "told": told, "path": "health/alerts"}
        return _queue(Kind.ALERT_TEST, origin.request_id, details)


def evaluate_alerts(*, origin: Origin) -> int:
    """Look at the bound tenant's SCIM clients: open what is new, resolve what is over. Gives how much of both."""
    rules = list_alert_rules()
    clients = {health.client.id: health for health in list_client_health(now=origin.at)}
    readings = {
        (found.kind, found.scim_client_id, found.subject): found
        for health in clients.values()
        for found in read_off(health, rules=rules, now=origin.at)
    }
    mailed = {rule.kind for rule in rules if rule.by_email}
    done = 0
    with tenant_scope():
        for incident in read_open_incidents():
            found = readings.pop((incident.kind, incident.scim_client_id, incident.subject), None)
            health = clients.get(incident.scim_client_id)  # None for one that was made a moment ago
            if health is not None and (found is None or found.is_over):
                done += _resolve(incident, health, origin, is_mailed=incident.kind in mailed)
        for found in readings.values():
            if found.is_firing:
                done += _open(found, clients[found.scim_client_id], origin, is_mailed=found.kind in mailed)
    return done


class AlertsWatch:
    """Goes through all active tenants once a minute, with many of them in several goes."""

    def __init__(self) -> None:
        self._rounds = Rounds(every=ROUND)

    def evaluate_some(self) -> int:
        """Look at tenants for some seconds at most. Gives how many incidents were opened or resolved."""
        return sum(evaluate_alerts(origin=system_origin("alerts")) for _tenant_id in self._rounds.take_some())


def _open(found: Reading, health: ClientHealth, origin: Origin, *, is_mailed: bool) -> int:
    made = Incident(
        uuid_utils.compat.uuid7(), found.kind, found.scim_client_id, found.subject, found.told, origin.at, None
    )
    if not insert_incident(incident=made):
        return 0
    details = {"kind": KINDS[found.kind].name, "told": found.told, "incident": str(made.id)}
    _tell(Action.ALERT_OPENED, made, health, details, origin, is_mailed=is_mailed)
    return 1


def _resolve(incident: Incident, health: ClientHealth, origin: Origin, *, is_mailed: bool) -> int:
    if not close_incident(incident_id=incident.id, at=origin.at):
        return 0
    told = f"It is over after {tell_span(max(origin.at - incident.opened_at, timedelta()))}."
    details = {"kind": KINDS[incident.kind].name, "told": told, "incident": str(incident.id)}
    _tell(Action.ALERT_RESOLVED, incident, health, details, origin, is_mailed=is_mailed)
    return 1


def _tell(  # an event and an e-mail about the same
    action: Action,
    incident: Incident,
    health: ClientHealth,
    details: Mapping[str, Any],
    origin: Origin,
    *,
    is_mailed: bool,
) -> None:
    client = health.client
    target = Target("ScimClient", str(client.id), client.name)
    record_event(event=Event(action, target, details=details), origin=origin)
    if is_mailed:
        kind, state = (Kind.ALERT, "") if action == Action.ALERT_OPENED else (Kind.ALERT_OVER, " is over")
        title = f"{details['kind']} of {client.name}{state}"
        path = f"clients/{client.id}/health"
        _queue(kind, str(incident.id), {"title": title, "told": details["told"], "path": path})


def _queue(kind: Kind, key: str, details: Mapping[str, str]) -> int:
    told = {**details, "tenant": _current_tenant().name}
    return queue_for_members(realm=CONSOLE, roles=TOLD_BY_EMAIL, kind=kind, key=f"{kind}:{key}", details=told)


def _current_tenant() -> Tenant:
    return Tenant.objects.get(id=current_tenant())


def _tenant_target() -> Target:
    tenant = _current_tenant()
    return Target("Tenant", str(tenant.id), tenant.slug)


def _compare(before: RuleRow, after: RuleRow) -> list[dict[str, Any]]:
    old, new = asdict(before), asdict(after)
    return [
        {"path": f"{after.kind}.{name}", "before": old[name], "after": new[name]}
        for name in new
        if old[name] != new[name]
    ]
